/**
 * How clean a grid is by the hour: its mean day in a month of one past year. The shape of that day
 * alone is used: the level of a zone is known better, and a season is not for a reader to choose.
 */

import { trans } from "../language.js";
import type { RunRecord } from "../view/record.js";
import { regionRow, type Scope } from "./places.js";
import { number, rows, text, type Row } from "./tables.js";

const HOURS = 24;
const LETTERS_PER_MONTH = HOURS + 2;
const NO_CHANGE = "P".charCodeAt(0);
const MS_PER_H = 3.6e6;

const MONTHS = [
  () => trans._p("month", "January"),
  () => trans._p("month", "February"),
  () => trans._p("month", "March"),
  () => trans._p("month", "April"),
  () => trans._p("month", "May"),
  () => trans._p("month", "June"),
  () => trans._p("month", "July"),
  () => trans._p("month", "August"),
  () => trans._p("month", "September"),
  () => trans._p("month", "October"),
  () => trans._p("month", "November"),
  () => trans._p("month", "December"),
];

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

/** A month's day, as shares of the annual mean: see `tables.mjs`, which writes it. */
function shapeOf(profile: Row, month: number): number[] {
  const begin = month * LETTERS_PER_MONTH;
  const letters = text(profile, "shape").slice(begin, begin + LETTERS_PER_MONTH);
  let hundredths = Number(letters.slice(0, 3));
  return Array.from(`P${letters.slice(3)}`, (letter) => {
    hundredths += letter.charCodeAt(0) - NO_CHANGE;
    return hundredths / 100;
  });
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
  const profile = rows("profiles").find(
    (row) => text(row, "grid") === grid && text(row, "scope") === scope,
  );
  if (place === undefined || profile === undefined || Number.isNaN(startedMs)) {
    return null;
  }
  const timeZone = text(place, "timezone");
  const started = shownAt(timeZone, startedMs);
  const [year, month] = [started.getUTCFullYear(), started.getUTCMonth()];
  return {
    grid,
    year: String(number(profile, "year")),
    month: MONTHS[month]?.() ?? "",
    shape: ofItsMean(shapeOf(profile, month)),
    aheadH: aheadH(timeZone, year, month),
  };
}

/** "03:00". */
export function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
