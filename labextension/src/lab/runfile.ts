/** Saves a run as a file that JupyterLab opens as a panel again. */

import { text, type Json } from "../json.js";
import { html } from "../view/dom.js";

/** Characters that a file's name may have everywhere. */
const STRANGE = /[^\p{L}\p{N}._-]+/gu;

export function download(record: Json): void {
  const name = (text(record["name"]) ?? "run").replace(STRANGE, "-").slice(0, 80) || "run";
  const blob = new Blob([`${JSON.stringify(record, null, 1)}\n`], { type: "application/json" });
  const href = URL.createObjectURL(blob);
  html("a", { href, download: `${name}.ocarbon.json` }).click();
  URL.revokeObjectURL(href);
}
