/** The language that the page speaks; English until told otherwise. Knows no Jupyter. */

import { tell } from "./listeners.js";

/**
 * As much of JupyterLab's `TranslationBundle` as is used. In a phrase, %1 and %2 stand for the
 * arguments, and %% for a per cent sign; in `_n`, %1 stands for `n` and the arguments follow.
 */
export interface Language {
  __(msgid: string, ...args: unknown[]): string;
  _n(one: string, many: string, n: number, ...args: unknown[]): string;
  _p(context: string, msgid: string, ...args: unknown[]): string;
}

/** JupyterLab's own rules to the letter, so that a phrase reads the same with and without it. */
function filled(phrase: string, args: readonly unknown[]): string {
  return phrase
    .replace(/%%/g, "%% ")
    .replace(/%(\d+)/g, (_, place: string) => String(args[Number(place) - 1]))
    .replace(/%% /g, "%");
}

const ENGLISH: Language = {
  __: (msgid, ...args) => filled(msgid, args),
  _n: (one, many, n, ...args) => filled(n === 1 ? one : many, [n, ...args]),
  _p: (_context, msgid, ...args) => filled(msgid, args),
};

let present = ENGLISH;

function withCommas(said: unknown): unknown {
  return typeof said === "number" ? said.toLocaleString("en-US") : said;
}

/**
 * The present language, with commas in what is counted. What it says is not to be kept: the
 * language may change.
 */
export const trans: Language = {
  __: (msgid, ...args) => present.__(msgid, ...args),
  _n: (one, many, n, ...args) =>
    present._n(one, many, n, ...args.map(withCommas)).replaceAll(String(n), `${withCommas(n)}`),
  _p: (context, msgid, ...args) => present._p(context, msgid, ...args),
};

/** Speak `language` from now on; what is drawn already is drawn anew. */
export function speak(language: Language): void {
  present = language;
  tell();
}
