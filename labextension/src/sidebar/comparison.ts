/** Two runs line by line: what each had, and how the second differs from the first. */

import { trans } from "../language.js";
import { byName } from "../record/devices.js";
import type { RunRecord } from "../record/record.js";
import * as units from "../record/units.js";
import * as words from "../record/words.js";
import * as differing from "./difference.js";
import type { Difference } from "./difference.js";
import type { Run } from "./run.js";
import { whyNot } from "./verdict.js";

export interface Line {
  label: string;
  /** Whether it is a part of the line above. */
  isPart: boolean;
  values: [string, string];
  difference: Difference | null;
}

type Write = (record: RunRecord) => string;

type Quantity = (record: RunRecord) => number | null;

function devices({ devices: all }: RunRecord): string {
  return byName(all).join(", ") || trans.__("no device");
}

function methods(record: RunRecord): string {
  return [...new Set(record.devices.map(words.method))].join("; ") || units.UNKNOWN;
}

function place(record: RunRecord): string {
  const intensity = words.intensity(record);
  const basis = words.intensityBasis(record);
  return words.intensityIsByHand(record)
    ? trans.__("%1, %2", intensity, basis)
    : trans.__("%1: %2 (%3)", words.place(record), intensity, basis);
}

function massPerUnit(record: RunRecord): string {
  const massG = differing.massPer(record, record.work.done);
  const mass = units.plainMass(massG);
  return massG === null ? mass : trans.__("%1 per %2", mass, record.work.unit ?? trans.__("unit"));
}

function rate({ work: { ratePerS, unit } }: RunRecord): string {
  return ratePerS === null ? units.UNKNOWN : units.written(units.rate(ratePerS, unit));
}

function metric({ metric: found }: RunRecord): string {
  return found === null ? units.UNKNOWN : `${found.expression} = ${found.value}`;
}

/** All there is to compare; what is not known of either run is left out. */
export function linesOf(one: Run, other: Run): Line[] {
  const [a, b] = [one.record, other.record];
  const isComparable = whyNot(a, b) === null;
  const isAlike = a.work.unit === b.work.unit;
  const line = (
    label: string,
    write: Write,
    difference: Difference | null = null,
    isPart = false,
  ): Line => ({ label, isPart, values: [write(a), write(b)], difference });
  const amount = (
    label: string,
    quantity: Quantity,
    write: (value: number | null) => string,
    difference = differing.difference(quantity(a), quantity(b)),
    isPart = false,
  ): Line => line(label, (record) => write(quantity(record)), difference, isPart);
  return [
    amount(
      trans.__("Emissions, CO₂e"),
      ({ emissionsG }) => emissionsG,
      units.plainMass,
      isComparable ? differing.emissionsDifference(a, b) : null,
    ),
    amount(
      trans.__("of that operational"),
      ({ operationalG }) => operationalG,
      units.plainMass,
      isComparable ? undefined : null,
      true,
    ),
    amount(
      trans.__("of that embodied"),
      ({ embodiedG }) => embodiedG,
      units.plainMass,
      undefined,
      true,
    ),
    amount(
      trans.__("Energy"),
      ({ energyKwh }) => energyKwh,
      (value) => units.written(units.energy(value)),
      differing.energyDifference(a, b),
    ),
    amount(trans.__("Duration"), ({ durationS }) => durationS, units.duration),
    amount(
      trans.__("Mean power"),
      ({ energyKwh, durationS }) => units.meanPower(energyKwh, durationS),
      (value) => units.written(units.power(value)),
    ),
    line(
      trans.__("Work done"),
      (record) => words.work(record) ?? units.UNKNOWN,
      isAlike ? differing.difference(a.work.done, b.work.done) : null,
    ),
    line(
      trans.__("Throughput"),
      rate,
      isAlike ? differing.difference(a.work.ratePerS, b.work.ratePerS) : null,
    ),
    line(
      trans.__("Emissions per unit of work"),
      massPerUnit,
      isAlike && isComparable
        ? differing.emissionsDifference(a, b, [a.work.done, b.work.done])
        : null,
    ),
    line(
      trans.__("Metric"),
      metric,
      a.metric?.expression === b.metric?.expression
        ? differing.difference(one.metric, other.metric)
        : null,
    ),
    line(trans.__("Zone and intensity"), place),
    line(trans.__("PUE"), ({ pue }) => (pue === null ? units.UNKNOWN : units.given(pue))),
    line(trans.__("Devices"), devices),
    line(trans.__("Method"), methods),
    line(trans.__("Status"), words.status),
  ].filter(({ values }) => values.some((value) => value !== units.UNKNOWN));
}
