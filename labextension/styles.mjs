/** Writes lib/*.raw.css: the style sheets in one piece each, without what only their readers need. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf-8");

/** A style sheet, those that it imports in their places. */
function whole(name) {
  return read(`style/${name}`).replace(/^@import url\("\.\/(.*)"\);$/gm, (_, other) => whole(other));
}

/** A style sheet without comments and indentation. */
function terse(style) {
  return style
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replaceAll(": ", ":")
    .replaceAll(";}", "}")
    .trim();
}

mkdirSync(new URL("lib/", import.meta.url), { recursive: true });
for (const name of ["view", "lab"]) {
  writeFileSync(new URL(`lib/${name}.raw.css`, import.meta.url), terse(whole(`${name}.css`)));
}
