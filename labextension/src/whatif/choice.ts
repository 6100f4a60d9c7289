/** What a reader asks of a run, and the answer. */

/** Another place, device, hour of start (0 to 23, as clocks there show) or PUE; null as it was. */
export interface Choice {
  zone: string | null;
  device: string | null;
  hour: number | null;
  pue: number | null;
}

/** One thing to choose; those of a group stand under one heading. */
export interface Option {
  value: string;
  label: string;
  group?: string;
}

/** Why nothing can be chosen, in one sentence each. */
export type Reasons = Partial<Record<keyof Choice, string>>;

/** What the same work would have emitted; grams are gCO2e. */
export interface Outcome {
  /** Whether it stands beside the projected total or beside what was emitted. */
  basis: "projected" | "emitted";
  /** The bounds are null where nothing says how far off the value may be. */
  emissionsG: { value: number; low: number | null; high: number | null };
  operationalG: number;
  /** Null where it was left out of the run's total. */
  embodiedG: number | null;
  durationS: number | null;
  /** The grams as it was, and how far the outcome is from them, in per cent. */
  basisG: number;
  changePct: number | null;
  /** What the reader must know, one sentence each. */
  notes: string[];
}
