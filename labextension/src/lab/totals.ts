/** What a notebook has emitted in all its runs, those included that later ones have replaced. */

import type { NotebookModel } from "@jupyterlab/notebook";

import { number, object, text, type Json } from "../json.js";
import { spanOf } from "../view/span.js";
import { isRunning } from "./outputs.js";

const KEY = "ocarbon";

export interface Totals {
  runs: number;
  emissionsG: number;
  energyKwh: number;
}

/** Runs are counted in the order in which they end: up to a moment, all are. */
interface Counted extends Totals {
  untilMs: number;
}

const NONE: Counted = { runs: 0, emissionsG: 0, energyKwh: 0, untilMs: -Infinity };

/** Whether a run was measured in the course of another one, which has its energy too. */
function isPart(record: Json, records: readonly Json[]): boolean {
  const { fromMs, toMs } = spanOf(record);
  const place = records.indexOf(record);
  return records.some((other, index) => {
    const whole = spanOf(other);
    const isLonger = whole.fromMs < fromMs || whole.toMs > toMs;
    return whole.fromMs <= fromMs && whole.toMs >= toMs && (isLonger || index < place);
  });
}

function counted(model: NotebookModel): Counted {
  const kept = object(model.getMetadata(KEY));
  const untilMs = Date.parse(text(kept["until"]) ?? "");
  return Number.isNaN(untilMs)
    ? NONE
    : {
        runs: number(kept["runs"]) ?? 0,
        emissionsG: number(kept["emissions_g"]) ?? 0,
        energyKwh: number(kept["energy_kwh"]) ?? 0,
        untilMs,
      };
}

function withRuns(before: Counted, records: readonly Json[]): Counted {
  const later = records
    .filter((record) => !isRunning(record) && spanOf(record).toMs > before.untilMs)
    .filter((record) => !isPart(record, records))
    .sort((one, other) => spanOf(one).toMs - spanOf(other).toMs);
  return later.reduce<Counted>(
    (sum, record) => ({
      runs: sum.runs + 1,
      emissionsG: sum.emissionsG + (number(record["emissions_g"]) ?? 0),
      energyKwh: sum.energyKwh + (number(record["energy_kwh"]) ?? 0),
      untilMs: spanOf(record).toMs,
    }),
    before,
  );
}

/** The notebook's totals, with those of its `records` that ended since it last kept them. */
export function totals(model: NotebookModel, records: readonly Json[]): Totals {
  return withRuns(counted(model), records);
}

/** Let the notebook keep its totals, with those of its `records` that have ended. */
export function keepTotals(model: NotebookModel, records: readonly Json[]): void {
  const before = counted(model);
  const { runs, emissionsG, energyKwh, untilMs } = withRuns(before, records);
  if (runs > before.runs) {
    const figures = { runs, emissions_g: emissionsG, energy_kwh: energyKwh };
    model.setMetadata(KEY, { ...figures, until: new Date(untilMs).toISOString() });
  }
}
