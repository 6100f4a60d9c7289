/** The words for what a record names by a code. */

import { trans } from "../language.js";

/** Looked up when they are used, since the language may change. */
export type Words = ReadonlyMap<string, () => string>;

/** A code that is not known stands for itself. */
export function worded(words: Words, code: string): string {
  return words.get(code)?.() ?? code;
}

/** How a device's energy was found. */
export const METHODS: Words = new Map([
  ["nvml-energy-counter", () => trans.__("NVML energy counter")],
  ["nvml-power", () => trans.__("NVML power over time")],
  ["rapl", () => trans.__("RAPL energy counter")],
  ["cpu-estimate", () => trans.__("from CPU load")],
  ["trace", () => trans.__("replayed recording")],
  ["dcgm-energy-counter", () => trans.__("DCGM energy counter")],
  ["dcgm-power", () => trans.__("DCGM power over time")],
  ["kepler", () => "Kepler"],
  ["scaphandre", () => "Scaphandre"],
]);

/** How the zone was found. */
export const HOW: Words = new Map([
  ["given", () => trans.__("as given")],
  ["configured", () => trans.__("as configured")],
  ["timezone", () => trans.__("a guess from the time zone")],
  ["default", () => trans.__("assumed, as the place is not known")],
]);

/** Where the reader should doubt the zone. */
export const DOUBTS: Words = new Map([
  ["timezone", () => trans.__("guess from the time zone")],
  ["default", () => trans.__("assumed, place not known")],
]);

/** What is measured where devices are of one kind. */
export const DEVICE_SCOPES: Words = new Map([
  [
    "gpu",
    () =>
      trans.__(
        "GPU boards only; the rest of a server typically adds 18 to 29 % of its energy, " +
          "and is not in these numbers",
      ),
  ],
  [
    "cpu",
    () =>
      trans.__("CPU only; memory, disks, fans and the power supply are not in these numbers"),
  ],
]);

/** What an intensity takes into account. */
export const INTENSITY_SCOPES: Words = new Map([
  ["lifecycle", () => trans._p("scope of an intensity", "lifecycle")],
  ["direct", () => trans._p("scope of an intensity", "direct")],
]);

/** Who counted the work. */
export const COUNTERS: Words = new Map([
  ["cell loop", () => trans.__("counted by the cell's own loops")],
  ["torch optimizer", () => trans.__("counted by the steps of PyTorch's optimizer")],
  ["keras", () => trans.__("counted by %1", "Keras")],
  ["transformers", () => trans.__("counted by the Transformers Trainer")],
  ["lightning", () => trans.__("counted by %1", "Lightning")],
]);
