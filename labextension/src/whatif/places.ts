/**
 * Places by what their electricity emits, as the package's `carbon/intensity.py` has it.
 *
 * Lifecycle and direct figures are never compared: a list holds one scope. A place without a
 * lifecycle figure stands for its country there, and is left out unless it is a cloud region.
 */

import type { Option } from "./choice.js";
import { number, parts, rows, source, text, type Row } from "./tables.js";

export type Scope = "lifecycle" | "direct";

export interface Place {
  code: string;
  /** What it is called in a sentence, and, shorter, where that is. */
  name: string;
  location: string;
  label: string;
  group: string;
  gPerKwh: number;
  year: string;
  scope: Scope;
  source: string;
  /** The region's power usage effectiveness; null outside of clouds. */
  pue: { value: number; note: string } | null;
  notes: string[];
}

const PROVIDERS: Record<string, string> = { aws: "AWS", gcp: "Google Cloud", azure: "Azure" };

const FLAGS: Record<string, string> = {
  old_year: "The latest figure for {name} is of {year}.",
  generic_oil_factor: "The figure for {name} is a flat factor for oil, not its mix.",
  round_value: "The figure for {name} is a round value: take it as rough.",
  twice_second_source: "The figure for {name} is about twice that of another publisher.",
  importer:
    "The figure for {name} leaves out imports, which are large there: " +
    "its eGRID subregion says more.",
  neighbour_value: "The figure for {name} is that of the neighbour it imports from.",
  guessed_grid: "The grid of {name} is a guess: its site is not published.",
};

const AVERAGES = "Averages";
const LEVELS: Record<string, string> = {
  egrid_subregion: "Grid regions",
  grid_region: "Grid regions",
  national: AVERAGES,
};

/** The groups in the order that they are listed in. */
const GROUPS = [
  ...["Countries", AVERAGES, "States and provinces", "Grid regions"],
  ...Object.values(PROVIDERS),
];

type Index = ReadonlyMap<string, Row>;

const indexes = new Map<"countries" | "subdivisions" | "regions", Index>();

function byCode(name: "countries" | "subdivisions" | "regions"): Index {
  const index = indexes.get(name) ?? new Map(rows(name).map((row) => [text(row, "code"), row]));
  indexes.set(name, index);
  return index;
}

/** The cloud region of that code. */
export function regionRow(code: string): Row | undefined {
  return byCode("regions").get(code);
}

/** The row of a country or subdivision, or of the country that stands in for it. */
function gridRow(code: string): Row | undefined {
  const row = byCode("countries").get(code) ?? byCode("subdivisions").get(code);
  const standIn = row === undefined ? "" : text(row, "stand_in");
  return standIn === "" ? row : byCode("countries").get(standIn);
}

function flagged(row: Row, name: string): string[] {
  return parts(row, "quality_flag").map((flag) =>
    (FLAGS[flag] ?? flag).replace("{name}", name).replace("{year}", text(row, "year")),
  );
}

function figure(code: string, row: Row): Pick<Place, "gPerKwh" | "year" | "source"> {
  const other = text(row, "code") !== code;
  const whose = other ? `; figure of ${text(row, "name")} (${text(row, "code")})` : "";
  return {
    gPerKwh: number(row, "gco2e_per_kwh") ?? NaN,
    year: text(row, "year"),
    source: `${source(row)}${whose}`,
  };
}

function country(own: Row): Place[] {
  const [code, name] = [text(own, "code"), text(own, "name")];
  const row = gridRow(code);
  if (row === undefined) {
    return [];
  }
  const borrowed =
    row === own
      ? []
      : [`No carbon intensity is known for ${name}: that of ${text(row, "name")} is used.`];
  return [
    {
      ...{ code, name, location: name, label: name, scope: "lifecycle", pue: null },
      ...figure(code, row),
      group: text(own, "kind") === "" ? "Countries" : AVERAGES,
      notes: [...borrowed, ...flagged(row, text(row, "name"))],
    },
  ];
}

function subdivision(row: Row): Place {
  const [code, name] = [text(row, "code"), text(row, "name")];
  const group = LEVELS[text(row, "level")] ?? "States and provinces";
  return {
    ...{ code, name, location: name, scope: "direct", pue: null },
    ...figure(code, row),
    label: group === AVERAGES ? name : `${name} (${code.replace("eGRID-", "")})`,
    group,
    notes: flagged(row, name),
  };
}

function regionPue(site: Row, provider: string): Place["pue"] {
  const own = number(site, "pue");
  if (own !== null) {
    return { value: own, note: `PUE ${own}, the region's of ${text(site, "pue_year")}.` };
  }
  const fleet = rows("pues").find((row) => text(row, "key") === provider);
  const value = fleet === undefined ? null : number(fleet, "pue");
  return fleet === undefined || value === null
    ? null
    : { value, note: `PUE ${value}: ${text(fleet, "applies_to")}, ${text(fleet, "year")}.` };
}

/** A cloud region where it has a figure of that scope. */
function region(site: Row, scope: Scope): Place[] {
  const code = text(site, "code");
  const [provider = "", id = ""] = code.split(":");
  const location = text(site, "location");
  const name = `${PROVIDERS[provider] ?? provider} ${location}`;
  const gridCode = text(site, "grid_code");
  const own = gridCode === "" ? site : gridRow(gridCode);
  const isDirect = own === site || byCode("subdivisions").has(gridCode);
  const direct = isDirect ? own : undefined;
  const row = scope === "direct" ? direct : gridRow(text(site, "country_iso3"));
  if (row === undefined) {
    return [];
  }
  const ofSite = scope === "direct" && row !== site ? flagged(site, name) : [];
  return [
    {
      ...{ code, name, location, scope, ...figure(code, row) },
      label: `${location} (${id})`,
      group: PROVIDERS[provider] ?? provider,
      pue: regionPue(site, provider),
      notes: [...flagged(row, row === site ? name : text(row, "name")), ...ofSite],
    },
  ];
}

const lists = new Map<Scope, readonly Place[]>();

/** The places with a figure of that scope, group by group and by name. */
export function placesOf(scope: Scope): readonly Place[] {
  const known = lists.get(scope);
  if (known !== undefined) {
    return known;
  }
  const grids =
    scope === "direct" ? rows("subdivisions").map(subdivision) : rows("countries").flatMap(country);
  const all = [...grids, ...rows("regions").flatMap((site) => region(site, scope))];
  const listed = GROUPS.flatMap((group) =>
    all
      .filter((place) => place.group === group)
      .sort((one, other) => one.label.localeCompare(other.label, "en")),
  );
  lists.set(scope, listed);
  return listed;
}

export function option({ code, label, group }: Place): Option {
  return { value: code, label, group };
}
