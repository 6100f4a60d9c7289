/**
 * Writes src/whatif/tables.generated.ts: what the what-if needs of the package's tables.
 *
 * A table is one string, its lines joined by line feeds and its cells by tabs, the header first;
 * `source` cells are places in `sources`. A blank cell means "not known".
 */

import { readFileSync, writeFileSync } from "node:fs";

const DATA = new URL("../ocarbon_magic/data/", import.meta.url);
const WRITTEN = new URL("src/whatif/tables.generated.ts", import.meta.url);

const HOURS = [...Array(24).keys()];
const MONTHS = [...Array(12).keys()];
const DEFAULT_LIFETIME_YEARS = 4;

/** The lines of a CSV text as lists of cells; quoted cells may hold commas and quotes. */
function cells(text) {
  const lines = [[]];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    const line = lines.at(-1);
    if (line.length === 0 && plain === "" && end === "") {
      break;
    }
    line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") {
      lines.push([]);
    }
  }
  return lines.filter((line) => line.length > 0);
}

/** The rows of a table by column. */
function rows(name) {
  const [header, ...lines] = cells(readFileSync(new URL(`${name}.csv`, DATA), "utf-8"));
  return lines.map((line) => {
    if (line.length !== header.length) {
      throw new Error(`${name}.csv: ${line.length} cells in the line of ${line[0]}`);
    }
    return Object.fromEntries(header.map((column, index) => [column, line[index]]));
  });
}

const sources = [];

function interned(row) {
  if (!row.source) {
    return row;
  }
  if (!sources.includes(row.source)) {
    sources.push(row.source);
  }
  return { ...row, source: sources.indexOf(row.source) };
}

function written(listed, columns) {
  return [columns, ...listed.map((row) => columns.map((column) => row[column]))]
    .map((line) => line.join("\t"))
    .join("\n");
}

function countries() {
  const known = rows("carbon_intensity_country").filter(
    ({ gco2e_per_kwh, stand_in }) => gco2e_per_kwh || stand_in,
  );
  const listed = known.map((row) => ({
    ...interned(row),
    kind: row.kind === "country" ? "" : row.kind,
  }));
  const columns = ["code", "name", "year", "gco2e_per_kwh", "source", "quality_flag"];
  return written(listed, [...columns, "stand_in", "kind"]);
}

function subdivisions() {
  const columns = ["code", "name", "level", "year", "gco2e_per_kwh", "source"];
  const listed = rows("carbon_intensity_subnational").map(interned);
  return written(listed, [...columns, "quality_flag"]);
}

function regions() {
  const columns = ["code", "location", "country_iso3", "grid_code", "year", "gco2e_per_kwh"];
  const listed = rows("carbon_intensity_cloud_region").map(interned);
  return written(listed, [...columns, "source", "pue", "pue_year", "quality_flag"]);
}

function pues() {
  const fleets = rows("pue_defaults").filter(({ key }) => key !== "local_workstation");
  return written(fleets, ["key", "pue", "year", "applies_to"]);
}

/** The embodied figure of a card: its own, else that of a generic one, as carbon/embodied.py. */
function product({ name, device_class }, products) {
  const generic =
    device_class === "datacenter" ? "generic data-centre GPU" : "generic consumer graphics card";
  return (
    products.find(({ accelerators }) => accelerators.split("|").includes(name)) ??
    products.find((row) => row.product === generic)
  );
}

/**
 * The half-precision peak of a part with matrix units, null for one without, and undefined where
 * that is not known; what has matrix units is told as in planning/calibrated_pace.py.
 */
function matrixTflops({ arch, fp32_tflops, tf32_tflops, fp16_tflops }) {
  if (fp16_tflops) {
    const fast = tf32_tflops || !fp32_tflops || fp16_tflops >= 2.5 * fp32_tflops;
    return fast ? fp16_tflops : null;
  }
  return ["Kepler", "Maxwell", "Pascal"].includes(arch) ? null : undefined;
}

/** The aliases that are not the name itself with or without its maker (see hardware/). */
function aliases({ name, aliases: listed }) {
  const key = (text) => text.toLowerCase().replace(/^(nvidia )?(geforce )?/, "");
  const others = listed.split("|").filter((alias) => key(alias) !== key(name));
  return others
    .filter((alias, index) => others.findIndex((other) => key(other) === key(alias)) === index)
    .join("|");
}

/** Graphics processors whose pace and power can be set beside another's. */
function accelerators() {
  const products = rows("embodied");
  const withProcessor = /GH200|MI300A/; // their power limit is that of a processor too
  const listed = rows("accelerators").flatMap((row) => {
    const known = row.tdp_w && row.fp32_tflops && row.memory_bandwidth_gb_per_s;
    const matrix = matrixTflops(row);
    const classes = ["datacenter", "workstation", "consumer"];
    if (!known || matrix === undefined || !classes.includes(row.device_class)) {
      return [];
    }
    if (withProcessor.test(row.name)) {
      return [];
    }
    const { product: name, kgco2e, lifetime_years } = product(row, products);
    const years = lifetime_years || DEFAULT_LIFETIME_YEARS;
    return {
      ...row,
      aliases: aliases(row),
      matrix_tflops: matrix,
      product: name,
      kgco2e_per_year: kgco2e / years,
    };
  });
  const columns = ["vendor", "name", "aliases", "device_class", "tdp_w", "fp32_tflops"];
  const others = ["matrix_tflops", "memory_gb", "memory_bandwidth_gb_per_s", "product"];
  return written(listed, [...columns, ...others, "kgco2e_per_year"]);
}

/**
 * A grid's shape over the year in 12 times 26 letters, in hundredths of the annual mean: of each
 * month three digits for its first hour (UTC), then for each hour more the letter that is as far
 * after "P" as the hour is above the one before it.
 */
function shape(months) {
  return MONTHS.map((month) => {
    const row = months.find((each) => Number(each.month) === month + 1);
    const [first, ...later] = HOURS.map((hour) =>
      Math.round(100 * row[`of_annual_mean_${String(hour).padStart(2, "0")}_utc`]),
    );
    const letters = later.map((value, hour) => letter(value - [first, ...later][hour]));
    return String(first).padStart(3, "0") + letters.join("");
  }).join("");
}

function letter(hundredths) {
  const code = "P".charCodeAt(0) + hundredths;
  if (code < " ".charCodeAt(0) || code > "~".charCodeAt(0)) {
    throw new Error(`hourly_profile.csv: no letter tells a leap of ${hundredths} hundredths`);
  }
  return String.fromCharCode(code);
}

function profiles() {
  const groups = new Map();
  for (const row of rows("hourly_profile")) {
    const key = `${row.grid} ${row.scope}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const listed = [...groups.values()].map((months) => ({ ...months[0], shape: shape(months) }));
  return written(listed, ["grid", "scope", "year", "shape"]);
}

const tables = {
  countries: countries(),
  subdivisions: subdivisions(),
  regions: regions(),
  pues: pues(),
  accelerators: accelerators(),
  profiles: profiles(),
  hourlyPlaces: written(rows("hourly_place"), ["code", "grid", "timezone"]),
};
const texts = Object.entries(tables).map(
  ([name, text]) => `export const ${name} = ${JSON.stringify(text)};\n`,
);
writeFileSync(
  WRITTEN,
  [
    "/** Written by tables.mjs from the package's data; do not edit. */\n\n",
    `export const sources: readonly string[] = ${JSON.stringify(sources, null, 2)};\n`,
    ...texts,
  ].join(""),
);
