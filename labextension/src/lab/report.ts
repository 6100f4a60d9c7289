/** What a run emitted, as text to be pasted: in a paper's draft, an issue, a lab's diary. */

import { trans } from "../language.js";
import { times } from "../record/devices.js";
import type { Device, RunRecord } from "../record/record.js";
import * as units from "../record/units.js";
import { written } from "../record/units.js";
import * as words from "../record/words.js";
import { hostSummary } from "../view/hosts.js";

/** What Markdown, or who shows it, would take for a sign, a picture or a link. */
const SIGN = /[&<>[\]`*~$@\\]|:(?=\/\/)|(?<=www)\./gi;

function plain(said: string): string {
  return said.replace(SIGN, (sign) => `&#${sign.charCodeAt(0)};`);
}

function deviceLine(device: Device): string {
  const energy = written(units.energyOfJoules(device.energyJ));
  return `- ${plain(times(device.count, device.name))}: ${energy} (${plain(words.method(device))})`;
}

function fact(name: string, value: string | null): string[] {
  return value === null ? [] : [`- ${name}: ${plain(value)}`];
}

/** The report in Markdown. */
export function report(record: RunRecord): string {
  const { name, emissionsG, operationalG, embodiedG, energyKwh, metric, pue, intensity } = record;
  const parts = trans.__(
    "operational %1, embodied %2",
    units.plainMass(operationalG),
    units.plainMass(embodiedG),
  );
  const energy = [written(units.energy(energyKwh)), ...words.energyCertainty(record)].join(", ");
  const grid = `${words.intensity(record)} (${words.intensityBasis(record)})`;
  const version = record.versions.find(([what]) => what === "ocarbon_magic")?.[1] ?? "";
  return [
    `**${plain(name)}**: ${written(units.mass(emissionsG))} (${parts}), ${words.status(record)}`,
    "",
    ...fact(trans.__("Energy"), energy),
    ...record.devices.map(deviceLine),
    ...fact(trans.__("Hosts"), hostSummary(record)),
    ...fact(trans.__("Scope"), words.scope(record)),
    ...fact(trans.__("Zone"), words.zone(record)),
    ...fact(trans.__("Intensity"), `${grid}; ${intensity.source ?? units.UNKNOWN}`),
    ...fact(trans.__("PUE"), pue === null ? null : units.given(pue)),
    ...fact(trans.__("Work"), words.work(record)),
    ...fact(trans.__("Metric"), metric === null ? null : `${metric.expression} = ${metric.value}`),
    ...fact(trans.__("Started"), words.moment(record.startedAt)),
    "",
    trans.__("Measured with %1.", plain(`ocarbon_magic ${version}`.trim())),
    "",
  ].join("\n");
}
