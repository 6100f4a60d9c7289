/** The figures that matter, large. */

import { html } from "./dom.js";
import type { RunRecord } from "./record.js";
import * as units from "./units.js";
import * as words from "./words.js";

interface Tile {
  label: string;
  amount: units.Amount;
  notes: string[];
}

function emitted({ status, operationalG, embodiedG, emissionsG }: RunRecord): Tile {
  return {
    label: status === "running" ? "Emitted so far" : "Emitted",
    amount: units.mass(emissionsG),
    notes: [
      `operational ${units.plainMass(operationalG)}`,
      `embodied ${units.plainMass(embodiedG)}`,
    ],
  };
}

function projected(record: RunRecord): Tile[] {
  const projection = words.openProjection(record);
  if (projection === null) {
    return [];
  }
  const { value, low, high, level } = projection.emissionsG;
  const spread = units.interval(units.mass(low), units.mass(high)).replace("CO₂e", "");
  return [
    {
      label: "Projected at the end",
      amount: units.mass(value),
      notes: [
        level === null ? spread : `${spread} (${units.percent(100 * level)})`,
        `in ${units.duration(projection.durationS.value)}`,
      ],
    },
  ];
}

function energy(record: RunRecord): Tile {
  const { energyKwh, pue } = record;
  const overhead = pue === null || pue === 1 ? [] : [`before PUE ${units.given(pue)}`];
  return {
    label: "Energy",
    amount: units.energy(energyKwh),
    notes: [...words.energyCertainty(record), ...overhead],
  };
}

function power(record: RunRecord): Tile {
  return {
    label: "Mean power",
    amount: units.power(units.meanPower(record.energyKwh, record.durationS)),
    notes: [words.deviceCount(record)],
  };
}

function throughput(record: RunRecord): Tile[] {
  const { ratePerS, unit } = record.work;
  if (ratePerS === null) {
    return [];
  }
  return [
    {
      label: "Throughput",
      amount: units.rate(ratePerS, unit),
      notes: [words.work(record), words.flopRate(record)].filter((note) => note !== null),
    },
  ];
}

function metric({ metric: found }: RunRecord): Tile[] {
  return found === null
    ? []
    : [{ label: "Metric", amount: { number: found.value, unit: "" }, notes: [found.expression] }];
}

/** A number and its unit stay on one line. */
function unbroken(note: string): string {
  return note.replace(/(\d) (?=\S)/g, "$1\u00a0");
}

function draw({ label, amount: { number, unit }, notes }: Tile): HTMLElement {
  const known = number !== units.UNKNOWN;
  const sized = html("span", { class: known ? "ocarbon-number" : "ocarbon-unknown" }, number);
  return html(
    "div",
    { class: "ocarbon-tile" },
    html("dt", {}, label),
    html("dd", { class: "ocarbon-figure" }, sized, unit === "" ? "" : ` ${unit}`),
    ...notes.map((note) => html("dd", { class: "ocarbon-muted" }, unbroken(note))),
  );
}

export function tiles(record: RunRecord): HTMLElement {
  const shown = [
    emitted(record),
    ...projected(record),
    energy(record),
    power(record),
    ...throughput(record),
    ...metric(record),
  ];
  return html("dl", { class: "ocarbon-tiles" }, ...shown.map(draw));
}
