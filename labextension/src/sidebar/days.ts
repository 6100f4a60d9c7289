/** What was emitted per day, as bars: folded until it is asked for. */

import { trans } from "../language.js";
import { day, dayKey } from "../record/dates.js";
import { html, OWN_KEYS } from "../view/dom.js";
import type { Run } from "./run.js";
import { newestFirst } from "./selection.js";
import { sums, type ScopeSum } from "./sums.js";
import { massOf, scopeName } from "./sumsview.js";

export interface Day {
  key: string;
  name: string;
  runs: Run[];
}

/** The days on which runs began, newest first; an unknown day comes last. */
export function daysOf(runs: readonly Run[]): Day[] {
  const found = new Map<string, Day>();
  for (const run of newestFirst(runs)) {
    const key = dayKey(run.fromMs);
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, { key, name: day(run.fromMs), runs: [run] });
    } else {
      known.runs.push(run);
    }
  }
  return [...found.values()];
}

interface Line {
  name: string;
  sum: ScopeSum;
}

/** Nothing where there is nothing to show. */
function bar({ known }: ScopeSum, most: number): HTMLElement[] {
  if (known === null || known <= 0) {
    return [];
  }
  const drawn = html("span", { class: "ocarbon-day-bar" });
  drawn.style.width = `${((100 * known) / most).toFixed(2)}%`;
  return [drawn];
}

/** Bars are to one scale within a scope of intensities, and compare nothing across scopes. */
function bars(lines: readonly Line[]): HTMLElement {
  const most = Math.max(...lines.map(({ sum }) => sum.known ?? 0));
  const items = lines.map(({ name, sum }) =>
    html(
      "li",
      {},
      html("span", {}, name),
      html("span", { class: "ocarbon-day-mass" }, massOf(sum)),
      html("span", { class: "ocarbon-day-track", "aria-hidden": "true" }, ...bar(sum, most)),
    ),
  );
  return html("ul", { class: "ocarbon-days" }, ...items);
}

/** Totals per day, where there are days to compare. */
export function dayTotals(days: readonly Day[], parts: ReadonlyMap<Run, Run>): HTMLElement[] {
  if (days.length < 2) {
    return [];
  }
  const scopes = new Map<string | null, Line[]>();
  for (const { name, runs } of days) {
    for (const sum of sums(runs, parts).emissionsG) {
      scopes.set(sum.scope, [...(scopes.get(sum.scope) ?? []), { name, sum }]);
    }
  }
  const shown = [...scopes].flatMap(([scope, lines]) => [
    ...(scopes.size > 1 ? [html("h4", { class: "ocarbon-muted" }, scopeName(scope))] : []),
    bars(lines),
  ]);
  const summary = html("summary", OWN_KEYS, trans.__("Totals per day"));
  return [html("details", { class: "ocarbon-day-totals" }, summary, ...shown)];
}
