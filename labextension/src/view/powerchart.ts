/** Power over time, of all devices together. */

import { trans } from "../language.js";
import { devicesIn } from "../record/devices.js";
import type { RunRecord } from "../record/record.js";
import { duration, power, POWER_W, written } from "../record/units.js";
import { chart } from "./chart.js";
import type { AxisEnds } from "./ticks.js";

export function powerChart(record: RunRecord, ends: AxisEnds | null): HTMLElement | null {
  const { series, durationS, devices } = record;
  return chart({
    title: devicesIn(devices) > 1 ? trans.__("Total power") : trans.__("Power"),
    kind: "power",
    scale: POWER_W,
    timesS: series.timesS,
    values: series.powerW,
    ends,
    say: (known) => {
      const lowest = written(power(Math.min(...known)));
      const highest = written(power(Math.max(...known)));
      const took = duration(durationS);
      return {
        note: trans.__("highest %1", highest),
        description:
          known.length < series.powerW.length
            ? trans.__("Power over %1: between %2 and %3, with gaps.", took, lowest, highest)
            : trans.__("Power over %1: between %2 and %3.", took, lowest, highest),
      };
    },
  });
}
