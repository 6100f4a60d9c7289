/**
 * Places by what their electricity emits, as the package's `carbon/intensity.py` has it.
 *
 * Lifecycle and direct figures are never compared: a list holds one scope. A place without a
 * lifecycle figure stands for its country there, and is left out unless it is a cloud region.
 */

import { trans } from "../language.js";
import type { Option } from "./choice.js";
import { number, parts, rows, source, text, type Row } from "./tables.js";

/** What places stand under in a list: a kind of their own, or a provider's name. */
type Group = string;

/** A phrase in the language of the moment it is asked for; places are kept longer. */
type Phrase = () => string;

export type Scope = "lifecycle" | "direct";

export interface Place {
  code: string;
  /** What it is called in a sentence, and, shorter, where that is. */
  name: string;
  location: string;
  label: string;
  group: Group;
  gPerKwh: number;
  year: string;
  scope: Scope;
  source: Phrase;
  /** The region's power usage effectiveness; null outside of clouds. */
  pue: { value: number; note: Phrase } | null;
  notes: () => string[];
}

const PROVIDERS: Record<string, string> = { aws: "AWS", gcp: "Google Cloud", azure: "Azure" };

/** What a table's flag says of the figure for a place. */
function caution(flag: string, name: string, year: string): string {
  switch (flag) {
    case "old_year":
      return trans.__("The latest figure for %1 is of %2.", name, year);
    case "generic_oil_factor":
      return trans.__("The figure for %1 is a flat factor for oil, not its mix.", name);
    case "round_value":
      return trans.__("The figure for %1 is a round value: take it as rough.", name);
    case "twice_second_source":
      return trans.__("The figure for %1 is about twice that of another publisher.", name);
    case "importer":
      return trans.__(
        "The figure for %1 leaves out imports, which are large there: " +
          "its eGRID subregion says more.",
        name,
      );
    case "neighbour_value":
      return trans.__("The figure for %1 is that of the neighbour it imports from.", name);
    case "guessed_grid":
      return trans.__("The grid of %1 is a guess: its site is not published.", name);
    default:
      return flag;
  }
}

const LEVELS: Record<string, Group> = {
  egrid_subregion: "grids",
  grid_region: "grids",
  national: "averages",
};

/** The groups in the order that they are listed in. */
const GROUPS: readonly Group[] = [
  ...["countries", "averages", "states", "grids"],
  ...Object.values(PROVIDERS),
];

function heading(group: Group): string {
  switch (group) {
    case "countries":
      return trans.__("Countries");
    case "averages":
      return trans.__("Averages");
    case "states":
      return trans.__("States and provinces");
    case "grids":
      return trans.__("Grid regions");
    default:
      return group;
  }
}

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
  return parts(row, "quality_flag").map((flag) => caution(flag, name, text(row, "year")));
}

function figure(code: string, row: Row): Pick<Place, "gPerKwh" | "year" | "source"> {
  const isOther = text(row, "code") !== code;
  return {
    gPerKwh: number(row, "gco2e_per_kwh") ?? NaN,
    year: text(row, "year"),
    source: () =>
      isOther
        ? trans.__("%1; figure of %2 (%3)", source(row), text(row, "name"), text(row, "code"))
        : source(row),
  };
}

function country(own: Row): Place[] {
  const [code, name] = [text(own, "code"), text(own, "name")];
  const row = gridRow(code);
  if (row === undefined) {
    return [];
  }
  const borrowed = (): string[] =>
    row === own
      ? []
      : [
          trans.__(
            "No carbon intensity is known for %1: that of %2 is used.",
            name,
            text(row, "name"),
          ),
        ];
  return [
    {
      ...{ code, name, location: name, label: name, scope: "lifecycle", pue: null },
      ...figure(code, row),
      group: text(own, "kind") === "" ? "countries" : "averages",
      notes: () => [...borrowed(), ...flagged(row, text(row, "name"))],
    },
  ];
}

function subdivision(row: Row): Place {
  const [code, name] = [text(row, "code"), text(row, "name")];
  const group = LEVELS[text(row, "level")] ?? "states";
  return {
    ...{ code, name, location: name, scope: "direct", pue: null },
    ...figure(code, row),
    label: group === "averages" ? name : `${name} (${code.replace("eGRID-", "")})`,
    group,
    notes: () => flagged(row, name),
  };
}

function regionPue(site: Row, provider: string): Place["pue"] {
  const own = number(site, "pue");
  if (own !== null) {
    const year = text(site, "pue_year");
    return { value: own, note: () => trans.__("PUE %1, the region's of %2.", own, year) };
  }
  const fleet = rows("pues").find((row) => text(row, "key") === provider);
  const value = fleet === undefined ? null : number(fleet, "pue");
  return fleet === undefined || value === null
    ? null
    : {
        value,
        note: () =>
          trans.__("PUE %1: %2, %3.", value, text(fleet, "applies_to"), text(fleet, "year")),
      };
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
  const ofSite = (): string[] =>
    scope === "direct" && row !== site ? flagged(site, name) : [];
  return [
    {
      ...{ code, name, location, scope, ...figure(code, row) },
      label: `${location} (${id})`,
      group: PROVIDERS[provider] ?? provider,
      pue: regionPue(site, provider),
      notes: () => [...flagged(row, row === site ? name : text(row, "name")), ...ofSite()],
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
  return { value: code, label, group: heading(group) };
}
