/** Emissions as they added up, what they will come to, and the budget. */

import { trans } from "../language.js";
import { listed } from "../record/listed.js";
import type { RunRecord } from "../record/record.js";
import { duration, mass, MASS_G, percent as share, written } from "../record/units.js";
import { chart, type Said } from "./chart.js";
import { svg } from "./dom.js";
import {
  outlookMarks,
  outlookOf,
  projected,
  topOf,
  type Moment,
  type Outlook,
} from "./outlook.js";
import { budgetMass, passing, passingInWords, type Passing } from "./passing.js";
import { percent, pinned, place, type Plot } from "./plot.js";
import type { AxisEnds } from "./ticks.js";

/**
 * The axis follows a budget up to this many times what the curves need; past that an arrow stands
 * for it. A live chart that shows it goes on to show it somewhat longer.
 */
const BUDGET_SHOWN = 3;
const BUDGET_KEPT = 4;

function lastMeasured({ timesS, emissionsG }: RunRecord["series"]): Moment | null {
  for (let index = timesS.length - 1; index >= 0; index--) {
    const [timeS, grams] = [timesS[index] ?? null, emissionsG[index] ?? null];
    if (timeS !== null && grams !== null) {
      return { timeS, grams };
    }
  }
  return null;
}

/** The budget's line, labelled on the side where the curve is farther from it. */
function budgetMarks(
  plot: Plot,
  budgetG: number,
  words: string,
  isPassed: boolean,
  last: Moment,
): Node[] {
  const { y } = place(plot, 0, budgetG);
  const isAbove = y < 0;
  const shownY = Math.max(0, y);
  const onLeft = budgetG >= last.grams / 2;
  const arrow = svg("path", { class: "ocarbon-whisker", d: "M8 14V4M5 8L8 4L11 8" });
  const text = svg(
    "text",
    {
      class: isPassed ? "ocarbon-label ocarbon-strong" : "ocarbon-label",
      x: onLeft ? (isAbove ? "16" : "4") : "-4",
      y: shownY < 15 ? "13" : "-5",
      "text-anchor": onLeft ? "start" : "end",
    },
    words,
  );
  return [
    svg("line", {
      class: "ocarbon-budget",
      x1: "0",
      x2: "100%",
      y1: percent(shownY),
      y2: percent(shownY),
    }),
    svg(
      "g",
      { class: "ocarbon-limit" },
      pinned({ x: onLeft ? 0 : 100, y: shownY }, ...(isAbove ? [arrow] : []), text),
    ),
  ];
}

/** The budget beside its line; nothing where there is none. */
function budgetLabel({ budgetG }: RunRecord, passed: Passing): string {
  if (budgetG === null) {
    return "";
  }
  const budget = trans.__("budget %1", budgetMass(budgetG));
  return listed([budget, passed === null ? null : passingInWords(passed)]);
}

/** What the chart shows, in words. */
function said(record: RunRecord, now: Moment, outlook: Outlook | null, label: string): Said {
  const sum = written(mass(now.grams));
  const note = record.status === "running" ? trans.__("%1 now", sum) : sum;
  const measured = trans.__(
    "Cumulative emissions over %1: from 0 to %2",
    duration(record.durationS),
    note,
  );
  const curves =
    outlook === null ? measured : trans.__("%1, projected %2", measured, projected(outlook));
  const description =
    label === "" ? trans.__("%1.", curves) : trans.__("%1; %2.", curves, label);
  return { note, description, ...(outlook === null ? {} : { legend: legend(outlook) }) };
}

function legend({ level }: Outlook): string {
  return level === null
    ? trans.__("dashes projected, its band")
    : trans.__("dashes projected, %1 band", share(100 * level));
}

function budgetReach(budgetG: number, ends: AxisEnds | null): number {
  return (ends?.get("emissions value") ?? 0) >= budgetG ? BUDGET_KEPT : BUDGET_SHOWN;
}

export function emissionsChart(record: RunRecord, ends: AxisEnds | null): HTMLElement | null {
  const { series, budgetG } = record;
  const now = lastMeasured(series);
  if (now === null) {
    return null;
  }
  const outlook = outlookOf(record, now);
  const top = Math.max(now.grams, outlook === null ? 0 : topOf(outlook));
  const isBudgetNear = budgetG !== null && budgetG <= budgetReach(budgetG, ends) * top;
  const passed = passing(record);
  const label = budgetLabel(record, passed);
  return chart({
    title: trans.__("Cumulative emissions"),
    kind: "emissions",
    scale: MASS_G,
    timesS: series.timesS,
    values: series.emissionsG,
    ends,
    reach: {
      timeS: outlook?.end.timeS ?? 0,
      value: isBudgetNear ? Math.max(top, budgetG) : top,
    },
    marks: (plot) => {
      const ahead = outlook === null ? null : outlookMarks(plot, now, outlook);
      const limit =
        budgetG === null
          ? []
          : budgetMarks(plot, budgetG, label, passed !== null, outlook?.end ?? now);
      return {
        below: ahead?.below ?? [],
        above: ahead?.above ?? [],
        pinned: [...limit, ...(ahead?.pinned ?? [])],
      };
    },
    say: () => said(record, now, outlook, label),
  });
}
