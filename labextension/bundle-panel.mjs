/** Bundles the widget's module and its style, as anywidget wants them: two files of text. */

import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { rspack } from "@rspack/core";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = here("../ocarbon_magic/static/panel");

rspack(
  {
    mode: "production",
    target: ["web", "es2022"],
    entry: here("lib/panel.js"),
    experiments: { outputModule: true },
    output: { path: out, filename: "panel.js", library: { type: "module" }, clean: true },
    performance: false,
  },
  (error, stats) => {
    if (error || stats.hasErrors()) {
      console.error(error ?? stats.toString("errors-only"));
      process.exit(1);
    }
    copyFileSync(here("lib/view.raw.css"), `${out}/panel.css`);
  },
);
