/** JSON as it comes from outside: nothing is taken for granted. */

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** A file of a stranger may hold more than any page can draw. */
const MOST_ITEMS = 10_000;
const MOST_LETTERS = 4000;

/** What turns the text around it, or is not seen. */
const UNSEEN = /[\p{C}\u2028\u2029]+/gu;

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, MOST_ITEMS) : [];
}

/** A value that is no finite number is not known. */
export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Nor is an empty text. */
export function text(value: unknown): string | null {
  return typeof value === "string" && value !== ""
    ? value.slice(0, MOST_LETTERS).replace(UNSEEN, " ")
    : null;
}
