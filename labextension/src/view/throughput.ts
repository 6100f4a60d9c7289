/** Throughput over time: what was measured, the model fitted to it, and the paper's law. */

import type { RunRecord } from "../record/record.js";

export type Rates = (number | null)[];

/** Past this, ln(1 + exp(x)) is x. */
const LINEAR_FROM = 30;

/** Work per second of the span that ends at each point; the first point has no span. */
export function measured({ series: { timesS, work } }: RunRecord): Rates {
  return timesS.map((t, index) => {
    const before = timesS[index - 1] ?? null;
    const [done, doneBefore] = [work[index] ?? null, work[index - 1] ?? null];
    const known = t !== null && before !== null && done !== null && doneBefore !== null;
    return known && t > before ? (done - doneBefore) / (t - before) : null;
  });
}

/**
 * scale ln(1 + alpha (t - onset)) at each time, by the logarithm of alpha, which no number
 * holds; a constant pace where there is no alpha. Null before the onset, where no work is done.
 */
export function model(
  timesS: readonly (number | null)[],
  { log10Alpha, scale, onsetS }: { log10Alpha: number | null; scale: number | null; onsetS: number },
): Rates {
  return timesS.map((t) => {
    if (t === null || scale === null || t <= onsetS) {
      return null;
    }
    if (log10Alpha === null) {
      return scale;
    }
    const x = log10Alpha * Math.LN10 + Math.log(t - onsetS);
    return scale * (x > LINEAR_FROM ? x : Math.log1p(Math.exp(x)));
  });
}

export function fitted({ series, throughput }: RunRecord): Rates {
  return model(series.timesS, { ...throughput, onsetS: throughput.onsetS ?? 0 });
}

export function papers({ series, throughput: { law } }: RunRecord): Rates {
  return law === null ? [] : model(series.timesS, { ...law, onsetS: 0 });
}
