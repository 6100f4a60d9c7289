/** The two charts of a run: power, and emissions as they added up. */

import { chart } from "./chart.js";
import { html } from "./dom.js";
import type { RunRecord } from "./record.js";
import { duration, mass, MASS_G, power, POWER_W, written } from "./units.js";

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

export function charts(record: RunRecord): HTMLElement {
  const drawn = [powerChart(record), emissionsChart(record)].filter((each) => each !== null);
  return html("div", { class: "ocarbon-charts" }, ...drawn);
}
