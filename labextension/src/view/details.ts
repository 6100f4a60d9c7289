/** Where the figures come from: devices, sources, versions; folded away until asked for. */

import { html, OWN_KEYS } from "./dom.js";
import type { Device, RunRecord } from "./record.js";
import * as units from "./units.js";
import { written } from "./units.js";
import * as words from "./words.js";

const COLUMNS = ["Device", "Energy", "Mean power"];

function cell(value: string, note: string): HTMLElement {
  return html("td", {}, value, html("div", { class: "ocarbon-muted" }, note));
}

function row(device: Device): HTMLElement {
  const { energyJ, meanPowerW, maxPowerW, uncertaintyPct } = device;
  const bound = uncertaintyPct === null ? units.UNKNOWN : units.percent(uncertaintyPct);
  const method = html("div", { class: "ocarbon-muted" }, words.method(device));
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, device.name, method),
    cell(written(units.energyOfJoules(energyJ)), `±${bound}`),
    cell(written(units.power(meanPowerW)), `highest ${written(units.power(maxPowerW))}`),
  );
}

function table(devices: Device[]): HTMLElement {
  const head = COLUMNS.map((name) => html("th", { scope: "col" }, name));
  return html(
    "table",
    { class: "ocarbon-devices" },
    html("thead", {}, html("tr", {}, ...head)),
    html("tbody", {}, ...devices.map(row)),
  );
}

function overhead(pue: number | null): string {
  if (pue === null) {
    return units.UNKNOWN;
  }
  const meaning = pue === 1 ? "no overhead for cooling and power supply" : "times the energy above";
  return `${units.given(pue)}, ${meaning}`;
}

/** What there is to say; null where there is nothing. */
function facts(record: RunRecord): [name: string, value: string | null][] {
  const { intensity, embodiedG, versions } = record;
  const grid = `${written(units.intensity(intensity.gPerKwh))} (${words.intensityBasis(record)})`;
  return [
    ["Scope", words.scope(record)],
    ["Zone", words.zone(record)],
    ["Intensity", `${grid}; source: ${intensity.source ?? units.UNKNOWN}`],
    ["PUE", overhead(record.pue)],
    [
      "Embodied",
      embodiedG === null
        ? "not known, and not in the total"
        : "the devices' manufacturing, shared over their lifetime by the time used",
    ],
    ["Work", words.countedBy(record)],
    ["Compute", words.flopRate(record)],
    ["Pace", words.model(record)],
    ["OpenCarbonEval", words.law(record)],
    ["Forecast", words.trackRecord(record)],
    ["Started", words.moment(record.startedAt)],
    ["Versions", versions.map((pair) => pair.join(" ")).join(", ") || units.UNKNOWN],
  ];
}

function fact([name, value]: [string, string | null]): HTMLElement[] {
  return value === null ? [] : [html("dt", {}, name), html("dd", {}, value)];
}

export function details(record: RunRecord, open: boolean): HTMLElement {
  return html(
    "details",
    { class: "ocarbon-details", ...(open ? { open: "" } : {}) },
    html("summary", OWN_KEYS, "Devices, sources and versions"),
    ...(record.devices.length > 0 ? [table(record.devices)] : []),
    html("dl", { class: "ocarbon-facts" }, ...facts(record).flatMap(fact)),
  );
}
