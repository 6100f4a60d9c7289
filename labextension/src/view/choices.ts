/** What the reader chose to compare a run with, and what of it can be taken as it is. */

import type { Choice } from "../whatif/whatif.js";

export const LEAST_PUE = 1;

export type Field = keyof Choice;

/** The controls that are lists, in the order they stand in. */
export const LISTS = ["zone", "device", "hour"] as const satisfies readonly Field[];
export type ListField = (typeof LISTS)[number];

export const AS_IT_WAS: Choice = { zone: null, device: null, hour: null, pue: null };

/** A list's value, "" for none, as its choice. */
export function chosen(choice: Choice, field: ListField, value: string): Choice {
  if (field === "hour") {
    return { ...choice, hour: value === "" ? null : Number(value) };
  }
  return { ...choice, [field]: value === "" ? null : value };
}

/** What a list shows for a choice. */
export function shown(choice: Choice, field: ListField): string {
  return String(choice[field] ?? "");
}

/** What is typed as PUE: null where there is nothing, undefined where it is none. */
export function readPue({ value, validity }: HTMLInputElement): number | null | undefined {
  if (validity.badInput) {
    return undefined;
  }
  if (value === "") {
    return null;
  }
  const pue = Number(value);
  return Number.isFinite(pue) && pue >= LEAST_PUE ? pue : undefined;
}

export function isAsItWas(choice: Choice): boolean {
  return Object.values(choice).every((value) => value === null);
}
