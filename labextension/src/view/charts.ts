/** The charts of a run: power, emissions as they added up, and throughput. */

import { chart } from "./chart.js";
import { html } from "./dom.js";
import type { RunRecord } from "./record.js";
import { fitted, measured, papers } from "./throughput.js";
import { count, COUNT, duration, mass, MASS_G, power, POWER_W, rate, written } from "./units.js";

function powerChart({ series, durationS }: RunRecord): HTMLElement | null {
  const { timesS, powerW } = series;
  return chart({
    title: "Power",
    kind: "power",
    scale: POWER_W,
    timesS,
    values: powerW,
    say: (known) => {
      const lowest = written(power(Math.min(...known)));
      const highest = written(power(Math.max(...known)));
      const gaps = known.length < powerW.length ? ", with gaps" : "";
      return {
        note: `highest ${highest}`,
        description: `Power over ${duration(durationS)}: between ${lowest} and ${highest}${gaps}.`,
      };
    },
  });
}

function emissionsChart({ series, durationS }: RunRecord): HTMLElement | null {
  const { timesS, emissionsG } = series;
  return chart({
    title: "Cumulative emissions",
    kind: "emissions",
    scale: MASS_G,
    timesS,
    values: emissionsG,
    say: (known) => {
      const sum = written(mass(known.at(-1) ?? null));
      return {
        note: sum,
        description: `Cumulative emissions over ${duration(durationS)}: from 0 to ${sum}.`,
      };
    },
  });
}

function throughputChart(record: RunRecord): HTMLElement | null {
  const { series, work, durationS } = record;
  const per = `${work.unit ?? "units"}/s`;
  const model = fitted(record);
  const law = papers(record);
  const isKnown = (values: readonly unknown[]): boolean => values.some((each) => each !== null);
  const legend = [
    "dots measured",
    isKnown(model) ? "line fitted" : "",
    isKnown(law) ? "dashes OpenCarbonEval" : "",
  ].filter((part) => part !== "");
  return chart({
    title: "Throughput",
    kind: "throughput",
    scattered: true,
    scale: COUNT.map(({ size, unit }) => ({ size, unit: `${unit} ${per}`.trimStart() })),
    timesS: series.timesS,
    values: measured(record),
    curves: [
      { dashed: false, values: model },
      { dashed: true, values: law },
    ],
    say: (known) => {
      const mean = work.ratePerS === null ? "" : `mean ${written(rate(work.ratePerS, work.unit))}`;
      const [lowest, highest] = [count(Math.min(...known)), count(Math.max(...known))];
      return {
        note: mean,
        description:
          `Throughput over ${duration(durationS)}: between ${lowest} and ${highest} ${per}` +
          `${mean === "" ? "" : `, ${mean}`}.`,
        legend: legend.join(", "),
      };
    },
  });
}

export function charts(record: RunRecord): HTMLElement {
  const drawn = [powerChart(record), emissionsChart(record), throughputChart(record)].filter(
    (each) => each !== null,
  );
  return html("div", { class: "ocarbon-charts" }, ...drawn);
}
