/**
 * Writes src/whatif/tables.generated.ts: what the what-if needs of the package's tables.
 *
 * A table is one string, of a line for each column, since that packs best: its name and its cells,
 * joined by tabs. `source` and `product` cells are places in `sources` and `products`, where the
 * name of a product and its kilograms of CO2e a year are joined by a tab. A blank cell means
 * "not known".
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
const products = [];

/** The place of a text in a list of those that many rows have. */
function place(text, list) {
  if (!list.includes(text)) {
    list.push(text);
  }
  return list.indexOf(text);
}

function interned(row) {
  return row.source ? { ...row, source: place(row.source, sources) } : row;
}

/** A cell, a number without the zeros that say nothing. */
function brief(cell) {
  return String(cell ?? "").replace(/^(\d+)\.0+$/, "$1");
}

function written(listed, columns) {
  return columns
    .map((column) => [column, ...listed.map((row) => brief(row[column]))].join("\t"))
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
function product({ name, device_class }, listed) {
  const generic =
    device_class === "datacenter" ? "generic data-centre GPU" : "generic consumer graphics card";
  return (
    listed.find(({ accelerators }) => accelerators.split("|").includes(name)) ??
    listed.find((row) => row.product === generic)
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
  const embodied = rows("embodied");
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
    const { product: name, kgco2e, lifetime_years } = product(row, embodied);
    const years = lifetime_years || DEFAULT_LIFETIME_YEARS;
    return {
      ...row,
      aliases: aliases(row),
      matrix_tflops: matrix,
      product: place(`${name}\t${kgco2e / years}`, products),
    };
  });
  const columns = ["vendor", "name", "aliases", "device_class", "tdp_w", "fp32_tflops"];
  const others = ["matrix_tflops", "memory_gb", "memory_bandwidth_gb_per_s", "product"];
  return written(listed, [...columns, ...others]);
}

/** A year's hours (UTC) of a row for each month, in hundredths of the annual mean. */
function hundredths(months) {
  return MONTHS.flatMap((month) => {
    const row = months.find((each) => Number(each.month) === month + 1);
    return HOURS.map((hour) =>
      Math.round(100 * row[`of_annual_mean_${String(hour).padStart(2, "0")}_utc`]),
    );
  });
}

/** Each value by the letter that is as far after "P" as the value is above the one before it. */
function leaps(values, first) {
  return values.map((value, index) => letter(value - (values[index - 1] ?? first))).join("");
}

function letter(leap) {
  const code = "P".charCodeAt(0) + leap;
  if (code < " ".charCodeAt(0) || code > "~".charCodeAt(0)) {
    throw new Error(`hourly_profile.csv: no letter tells a leap of ${leap} hundredths`);
  }
  return String.fromCharCode(code);
}

/**
 * A grid's shapes over the year, each 12 times 24 letters: of the lifecycle emissions the leaps
 * from hour to hour, the first from the annual mean; of the direct ones those of what they are
 * above the lifecycle ones, which are much like them.
 */
function profiles() {
  const groups = new Map();
  for (const row of rows("hourly_profile")) {
    const { grid, scope, year } = row;
    const group = groups.get(grid) ?? { grid, year, lifecycle: [], direct: [] };
    if (group.year !== year) {
      throw new Error(`hourly_profile.csv: the years of ${grid} differ`);
    }
    group[scope].push(row);
    groups.set(grid, group);
  }
  const listed = [...groups.values()].map((group) => {
    const lifecycle = hundredths(group.lifecycle);
    const above = hundredths(group.direct).map((value, hour) => value - lifecycle[hour]);
    return { ...group, lifecycle: leaps(lifecycle, 100), direct: leaps(above, 0) };
  });
  return written(listed, ["grid", "year", "lifecycle", "direct"]);
}

/** In the order that packs best. */
const tables = {
  accelerators: accelerators(),
  countries: countries(),
  regions: regions(),
  hourlyPlaces: written(rows("hourly_place"), ["code", "grid", "timezone"]),
  subdivisions: subdivisions(),
  profiles: profiles(),
  pues: pues(),
};
writeFileSync(
  WRITTEN,
  [
    "/** Written by tables.mjs from the package's data; do not edit. */\n\n",
    `export const sources: readonly string[] = ${JSON.stringify(sources, null, 2)};\n`,
    `export const products: readonly string[] = ${JSON.stringify(products, null, 2)};\n`,
    `export const tables = ${JSON.stringify(tables, null, 2)};\n`,
  ].join(""),
);
