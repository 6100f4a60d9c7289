/** Days and times as the reader's calendar has them, in the language of the page. */

import { trans } from "../language.js";

type Style = "day" | "olderDay" | "time" | "moment" | "month";

const STYLES: Record<Style, Intl.DateTimeFormatOptions> = {
  day: { weekday: "long", day: "numeric", month: "long" },
  olderDay: { day: "numeric", month: "long", year: "numeric" },
  time: { hour: "numeric", minute: "2-digit" },
  moment: { dateStyle: "medium", timeStyle: "medium" },
  month: { month: "long", timeZone: "UTC" },
};

/** To make a format takes long. */
const formats = new Map<string, Intl.DateTimeFormat>();

function made(language: string, style: Style): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(language, STYLES[style]);
  } catch {
    return new Intl.DateTimeFormat("en", STYLES[style]); // the page's language is none
  }
}

function written(timeMs: number, style: Style): string {
  const language = document.documentElement.lang || navigator.language;
  const key = `${style} ${language}`;
  const format = formats.get(key) ?? made(language, style);
  formats.set(key, format);
  return format.format(timeMs);
}

/** What days are told apart by: year, month and day, here. */
export function dayKey(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(timeMs)
    ? ""
    : `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** "Today", "Yesterday", or the date. */
export function day(timeMs: number): string {
  if (Number.isNaN(timeMs)) {
    return trans.__("Day unknown");
  }
  const now = new Date();
  if (dayKey(timeMs) === dayKey(now.getTime())) {
    return trans.__("Today");
  }
  if (dayKey(timeMs) === dayKey(new Date(now).setDate(now.getDate() - 1))) {
    return trans.__("Yesterday");
  }
  const isThisYear = new Date(timeMs).getFullYear() === now.getFullYear();
  return written(timeMs, isThisYear ? "day" : "olderDay");
}

/** The time of day; null where it is not known. */
export function timeOfDay(timeMs: number): string | null {
  return Number.isNaN(timeMs) ? null : written(timeMs, "time");
}

/** Date and time to the second; null where it is not known. */
export function moment(timeMs: number): string | null {
  return Number.isNaN(timeMs) ? null : written(timeMs, "moment");
}

/** The name of a month; January is 0. */
export function monthName(month: number): string {
  return written(Date.UTC(2000, month), "month");
}
