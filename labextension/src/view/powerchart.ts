/** Power over time, of all devices together. */

import { chart } from "./chart.js";
import type { RunRecord } from "./record.js";
import type { AxisEnds } from "./ticks.js";
import { duration, power, POWER_W, written } from "./units.js";

export function powerChart(record: RunRecord, ends: AxisEnds | null): HTMLElement | null {
  const { series, durationS, devices } = record;
  return chart({
    title: devices.length > 1 ? "Total power" : "Power",
    kind: "power",
    scale: POWER_W,
    timesS: series.timesS,
    values: series.powerW,
    ends,
    say: (known) => {
      const lowest = written(power(Math.min(...known)));
      const highest = written(power(Math.max(...known)));
      const gaps = known.length < series.powerW.length ? ", with gaps" : "";
      return {
        note: `highest ${highest}`,
        description: `Power over ${duration(durationS)}: between ${lowest} and ${highest}${gaps}.`,
      };
    },
  });
}
