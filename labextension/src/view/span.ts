/** When a run began and ended. */

import { number, text, type Json } from "../json.js";

export interface Span {
  fromMs: number;
  toMs: number;
}

/** In whole ms; NaN where the record does not say it, and without end while the run goes on. */
export function spanOf(record: Json): Span {
  const fromMs = Date.parse(text(record["started_at"]) ?? "");
  if (record["status"] === "running") {
    return { fromMs, toMs: Infinity };
  }
  const endedMs = Date.parse(text(record["ended_at"]) ?? "");
  const lastedMs = 1000 * (number(record["duration_s"]) ?? NaN);
  return { fromMs, toMs: Number.isNaN(endedMs) ? Math.floor(fromMs + lastedMs) : endedMs };
}
