/**
 * How clean a grid is by the hour: its mean day in a month of one past year. The shape of that day
 * alone is used: the level of a zone is known better, and a season is not for a reader to choose.
 */

import { monthName } from "../record/dates.js";
import type { RunRecord } from "../record/record.js";
import { regionRow, type Scope } from "./places.js";
import { number, rows, text, type Row } from "./tables.js";

const HOURS = 24;
const NO_CHANGE = "P".charCodeAt(0);
const MS_PER_H = 3.6e6;
/** A month short of the last moment that a Date can tell. */
const LAST_MS = 8.64e15 - 31 * HOURS * MS_PER_H;

/** A grid's day in the month a run started in. */
export interface GridDay {
  grid: string;
  year: string;
  month: string;
  /** From 0:00 UTC, as shares of the day's mean. */
  shape: readonly number[];
  /** How far clocks there are ahead of UTC, in hours. */
  aheadH: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  const made =
    known ??
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" },
    });
  formats.set(timeZone, made);
  return made;
}

/** What calendar and clock of a time zone show at a moment, as if they were UTC's. */
function shownAt(timeZone: string, momentMs: number): Date {
  const shown = Object.fromEntries(
    format(timeZone)
      .formatToParts(momentMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN } = shown;
  return new Date(Date.UTC(year, month - 1, day, hour, minute));
}

/** How far clocks are ahead of UTC, by the 15th: summer time begins and ends within a month. */
function aheadH(timeZone: string, year: number, month: number): number {
  const middleMs = Date.UTC(year, month, 15, 12);
  return (shownAt(timeZone, middleMs).getTime() - middleMs) / MS_PER_H;
}

/** The values that leaps lead to: see `tables.mjs`, which writes them. */
function follow(leaps: string, first: number): number[] {
  let value = first;
  return Array.from(leaps, (letter) => (value += letter.charCodeAt(0) - NO_CHANGE));
}

/** A month's day, in hundredths of the annual mean. */
function shapeOf(profile: Row, scope: Scope, month: number): number[] {
  const lifecycle = follow(text(profile, "lifecycle"), 100);
  const above = scope === "direct" ? follow(text(profile, "direct"), 0) : [];
  const begin = month * HOURS;
  return lifecycle
    .map((value, hour) => value + (above[hour] ?? 0))
    .slice(begin, begin + HOURS);
}

function ofItsMean(shape: readonly number[]): number[] {
  const mean = shape.reduce((sum, value) => sum + value, 0) / shape.length;
  return shape.map((value) => value / mean);
}

/** The row that says which grid's shape a place has; a region's, else its grid's or country's. */
function hourlyPlace(code: string): Row | undefined {
  const site = regionRow(code);
  const codes =
    site === undefined ? [code] : [code, text(site, "grid_code"), text(site, "country_iso3")];
  return codes
    .map((each) => rows("hourlyPlaces").find((row) => text(row, "code") === each))
    .find((row) => row !== undefined);
}

/** The day of a place's grid in the month that the run started in there; null if not known. */
export function gridDay(record: RunRecord, code: string, scope: Scope): GridDay | null {
  const place = hourlyPlace(code);
  const startedMs = record.startedAt === null ? NaN : Date.parse(record.startedAt);
  const grid = place === undefined ? "" : text(place, "grid");
  const profile = rows("profiles").find((row) => text(row, "grid") === grid);
  if (place === undefined || profile === undefined || !(Math.abs(startedMs) < LAST_MS)) {
    return null;
  }
  const timeZone = text(place, "timezone");
  const started = shownAt(timeZone, startedMs);
  const [year, month] = [started.getUTCFullYear(), started.getUTCMonth()];
  return {
    grid,
    year: String(number(profile, "year")),
    month: monthName(month),
    shape: ofItsMean(shapeOf(profile, scope, month)),
    aheadH: aheadH(timeZone, year, month),
  };
}

/** "03:00". */
export function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
