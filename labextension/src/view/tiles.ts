/** The figures that matter, large. */

import { trans } from "../language.js";
import { devicesIn } from "../record/devices.js";
import type { RunRecord } from "../record/record.js";
import * as units from "../record/units.js";
import * as words from "../record/words.js";
import { budgetNote } from "./budget.js";
import { html } from "./dom.js";
import { icon } from "./icons.js";

interface Tile {
  label: string;
  amount: units.Amount;
  notes: Note[];
}

/** One with a sign warns. */
type Note = string | { warning: string };

function budget(record: RunRecord, figure: "emitted" | "projected"): Note[] {
  const note = budgetNote(record);
  if (note?.on !== figure) {
    return [];
  }
  return [note.warns ? { warning: note.text } : note.text];
}

function emitted(record: RunRecord): Tile {
  const { status, operationalG, embodiedG, emissionsG } = record;
  return {
    label: status === "running" ? trans.__("Emitted so far") : trans.__("Emitted"),
    amount: units.mass(emissionsG),
    notes: [
      trans.__("operational %1", units.plainMass(operationalG)),
      trans.__("embodied %1", units.plainMass(embodiedG)),
      ...budget(record, "emitted"),
    ],
  };
}

function projected(record: RunRecord): Tile[] {
  const projection = words.openProjection(record);
  if (projection === null) {
    return [];
  }
  const { value, low, high, level } = projection.emissionsG;
  const spread = units.plainInterval(low, high);
  return [
    {
      label: trans.__("Projected at the end"),
      amount: units.mass(value),
      notes: [
        level === null ? spread : `${spread} (${units.percent(100 * level)})`,
        trans.__("in %1", units.duration(projection.durationS.value)),
        ...budget(record, "projected"),
      ],
    },
  ];
}

function energy(record: RunRecord): Tile {
  const { energyKwh, pue } = record;
  const overhead =
    pue === null || pue === 1 ? [] : [trans.__("before PUE %1", units.given(pue))];
  return {
    label: trans.__("Energy"),
    amount: units.energy(energyKwh),
    notes: [...words.energyCertainty(record), ...overhead],
  };
}

function power(record: RunRecord): Tile {
  const { devices, energyKwh, durationS } = record;
  const count = devicesIn(devices);
  const mean = units.power(units.meanPower(energyKwh, durationS));
  const present = devices.map(({ powerW }) => powerW).filter((powerW) => powerW !== null);
  if (record.status !== "running" || present.length === 0) {
    return { label: trans.__("Mean power"), amount: mean, notes: [words.deviceCount(record)] };
  }
  const missing = count - devicesIn(devices.filter(({ powerW }) => powerW !== null));
  return {
    label: trans.__("Power now"),
    amount: units.power(present.reduce((sum, powerW) => sum + powerW, 0)),
    notes: [
      words.deviceCount(record),
      ...(missing > 0
        ? [
            trans._n(
              "without %2 of %1 device",
              "without %2 of %1 devices",
              count,
              missing,
            ),
          ]
        : []),
      trans.__("mean %1", units.written(mean)),
    ],
  };
}

function throughput(record: RunRecord): Tile[] {
  const { ratePerS, unit } = record.work;
  if (ratePerS === null) {
    return [];
  }
  return [
    {
      label: trans.__("Throughput"),
      amount: units.rate(ratePerS, unit),
      notes: [words.work(record), words.flopRate(record)].filter((note) => note !== null),
    },
  ];
}

function metric({ metric: found }: RunRecord): Tile[] {
  return found === null
    ? []
    : [
        {
          label: trans.__("Metric"),
          amount: { number: found.value, unit: "" },
          notes: [found.expression],
        },
      ];
}

/** A number and its unit stay on one line. */
function unbroken(text: string): string {
  return text.replace(/(\d) (?=\S)/g, "$1\u00a0");
}

function drawNote(note: Note): HTMLElement {
  if (typeof note === "string") {
    return html("dd", { class: "ocarbon-muted" }, unbroken(note));
  }
  const said = html("span", {}, unbroken(note.warning));
  return html("dd", { class: "ocarbon-alert" }, icon("warning"), said);
}

function draw({ label, amount: { number, unit }, notes }: Tile): HTMLElement {
  const known = number !== units.UNKNOWN;
  const sized = html("span", { class: known ? "ocarbon-number" : "ocarbon-unknown" }, number);
  return html(
    "div",
    { class: "ocarbon-tile" },
    html("dt", {}, label),
    html("dd", { class: "ocarbon-figure" }, sized, unit === "" ? "" : ` ${unit}`),
    ...notes.map(drawNote),
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
