/** Where the figures come from: devices, sources, versions; folded away until asked for. */

import { trans } from "../language.js";
import { times } from "../record/devices.js";
import { listed } from "../record/listed.js";
import type { Device, RunRecord } from "../record/record.js";
import * as units from "../record/units.js";
import { written } from "../record/units.js";
import * as words from "../record/words.js";
import { html, OWN_KEYS } from "./dom.js";
import { basis } from "./embodied.js";

function cell(value: string, note: string): HTMLElement {
  return html("td", {}, value, html("div", { class: "ocarbon-muted" }, note));
}

function row(device: Device): HTMLElement {
  const { energyJ, meanPowerW, maxPowerW, uncertaintyPct } = device;
  const bound = uncertaintyPct === null ? units.UNKNOWN : units.percent(uncertaintyPct);
  const highest = trans.__("highest %1", written(units.power(maxPowerW)));
  const where = device.host === null ? "" : `, ${device.host}`;
  const method = html("div", { class: "ocarbon-muted" }, words.method(device));
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, times(device.count, device.name), where, method),
    cell(written(units.energyOfJoules(energyJ)), `±${bound}`),
    cell(written(units.power(meanPowerW)), highest),
  );
}

function table(devices: Device[]): HTMLElement {
  const columns = [trans.__("Device"), trans.__("Energy"), trans.__("Mean power")];
  const head = columns.map((name) => html("th", { scope: "col" }, name));
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
  const factor = units.given(pue);
  return pue === 1
    ? trans.__("%1, no overhead for cooling and power supply", factor)
    : trans.__("%1, times the energy above", factor);
}

/** What there is to say; null where there is nothing. */
function facts(record: RunRecord): [name: string, value: string | null][] {
  const { intensity, versions } = record;
  const grid = trans.__(
    "%1 (%2); source: %3",
    listed([words.intensity(record), words.intensityRange(record)]),
    words.intensityBasis(record),
    intensity.source ?? units.UNKNOWN,
  );
  return [
    [trans.__("Scope"), words.scope(record)],
    [trans.__("Zone"), words.zone(record)],
    [trans.__("Intensity"), grid],
    [trans.__("PUE"), overhead(record.pue)],
    [trans.__("Embodied"), basis(record)],
    [trans.__("Work"), words.countedBy(record)],
    [trans.__("Compute"), words.flopRate(record)],
    [trans.__("Pace"), words.model(record)],
    ["OpenCarbonEval", words.law(record)],
    [trans.__("Forecast"), words.trackRecord(record)],
    [trans.__("Started"), words.moment(record.startedAt)],
    [trans.__("Versions"), versions.map((pair) => pair.join(" ")).join(", ") || units.UNKNOWN],
  ];
}

function fact([name, value]: [string, string | null]): HTMLElement[] {
  return value === null ? [] : [html("dt", {}, name), html("dd", {}, value)];
}

export function details(record: RunRecord, open: boolean): HTMLElement {
  return html(
    "details",
    { class: "ocarbon-details", ...(open ? { open: "" } : {}) },
    html("summary", OWN_KEYS, trans.__("Devices, sources and versions")),
    ...(record.devices.length > 0 ? [table(record.devices)] : []),
    html("dl", { class: "ocarbon-facts" }, ...facts(record).flatMap(fact)),
  );
}
