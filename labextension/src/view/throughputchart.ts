/** Throughput over time: what was measured, the fitted model and, on request, the paper's law. */

import { trans } from "../language.js";
import { listed } from "../record/listed.js";
import type { RunRecord } from "../record/record.js";
import {
  count,
  COUNT,
  duration,
  periodFor,
  PERIODS,
  rate,
  written,
  type Prefix,
} from "../record/units.js";
import { chart } from "./chart.js";
import { html } from "./dom.js";
import { fitted, measured, papers, type Rates } from "./throughput.js";
import type { AxisEnds } from "./ticks.js";

function isKnown(values: Rates): boolean {
  return values.some((each) => each !== null);
}

/** The button that asks for the law; whoever draws the charts listens for it. */
function lawToggle(isPressed: boolean): HTMLElement {
  return html(
    "button",
    {
      type: "button",
      class: "ocarbon-toggle",
      "aria-pressed": String(isPressed),
      "data-toggle": "law",
      title: trans.__("Compare with OpenCarbonEval's law of throughput"),
    },
    "OpenCarbonEval",
  );
}

/**
 * The period that the axis counts in, for a pace of `perS`. While the run goes on it is kept
 * unless the numbers grow long, so that a pace of about 1 does not change it to and fro.
 */
function periodOf(perS: number, ends: AxisEnds | null): Prefix {
  const before = ends?.get("throughput period");
  const kept = PERIODS.find(
    ({ size }) => size === before && perS * size >= 0.5 && perS * size < 120,
  );
  const period = kept ?? periodFor(perS);
  ends?.set("throughput period", period.size);
  return period;
}

export function throughputChart(
  record: RunRecord,
  { law }: { law: boolean },
  ends: AxisEnds | null,
): HTMLElement | null {
  const { series, work, durationS } = record;
  const paces = measured(record);
  const period = periodOf(work.ratePerS ?? Math.max(0, ...paces.map((pace) => pace ?? 0)), ends);
  const inPeriod = (perS: Rates): Rates =>
    perS.map((pace) => (pace === null ? null : pace * period.size));
  const per = `${work.unit ?? trans.__("units")}/${period.unit}`;
  const model = inPeriod(fitted(record));
  const papersLaw = inPeriod(papers(record));
  const isLawKnown = isKnown(papersLaw);
  const isLawShown = law && isLawKnown;
  const legend = [
    trans.__("dots measured"),
    isKnown(model) ? trans.__("line fitted") : null,
    isLawShown ? trans.__("dashes %1", "OpenCarbonEval") : null,
  ];
  return chart({
    title: trans.__("Throughput"),
    kind: "throughput",
    scattered: true,
    scale: COUNT.map(({ size, unit }) => ({ size, unit: `${unit} ${per}`.trimStart() })),
    timesS: series.timesS,
    values: inPeriod(paces),
    curves: [
      { dashed: false, values: model },
      ...(isLawShown ? [{ dashed: true, values: papersLaw }] : []),
    ],
    ends,
    control: isLawKnown ? lawToggle(isLawShown) : null,
    say: (known) => {
      const mean =
        work.ratePerS === null
          ? null
          : trans.__("mean %1", written(rate(work.ratePerS, work.unit)));
      const [lowest, highest] = [count(Math.min(...known)), count(Math.max(...known))];
      const between = trans.__(
        "Throughput over %1: between %2 and %3 %4",
        duration(durationS),
        lowest,
        highest,
        per,
      );
      return {
        note: mean ?? "",
        description: trans.__("%1.", listed([between, mean])),
        legend: listed(legend),
      };
    },
  });
}
