/** Two runs line by line: what each had, and how the second differs from the first. */

import { trans } from "../language.js";
import type { RunRecord } from "../view/record.js";
import * as units from "../view/units.js";
import * as words from "../view/words.js";
import * as differing from "./difference.js";
import type { Difference } from "./difference.js";
import type { Run } from "./run.js";

export interface Line {
  label: string;
  /** Whether it is a part of the line above. */
  isPart?: boolean;
  values: [string, string];
  difference?: Difference | null;
}

type Write = (record: RunRecord) => string;

function both(one: Run, other: Run, write: Write): [string, string] {
  return [write(one.record), write(other.record)];
}

function devices({ devices: all }: RunRecord): string {
  const counts = new Map<string, number>();
  for (const { name } of all) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts].map(([name, n]) => (n === 1 ? name : `${n} × ${name}`));
  return names.join(", ") || trans.__("no device");
}

function methods(record: RunRecord): string {
  return [...new Set(record.devices.map(words.method))].join("; ") || units.UNKNOWN;
}

function place(record: RunRecord): string {
  const intensity = units.written(units.intensity(record.intensity.gPerKwh));
  const basis = words.intensityBasis(record);
  return words.intensityIsByHand(record)
    ? trans.__("%1, %2", intensity, basis)
    : trans.__("%1: %2 (%3)", words.place(record), intensity, basis);
}

function massPerUnit(record: RunRecord): string {
  const massG = differing.massPerUnit(record);
  const mass = units.plainMass(massG);
  return massG === null ? mass : trans.__("%1 per %2", mass, record.work.unit ?? trans.__("unit"));
}

function rate({ work: { ratePerS, unit } }: RunRecord): string {
  return ratePerS === null ? units.UNKNOWN : units.written(units.rate(ratePerS, unit));
}

function metric({ metric: found }: RunRecord): string {
  return found === null ? units.UNKNOWN : `${found.expression} = ${found.value}`;
}

function emissions(one: Run, other: Run): Line[] {
  const [a, b] = [one.record, other.record];
  const isComparable = differing.obstacle(a, b) === null;
  return [
    {
      label: trans.__("Emissions, CO₂e"),
      values: both(one, other, ({ emissionsG }) => units.plainMass(emissionsG)),
      difference: isComparable ? differing.emissionsDifference(a, b) : null,
    },
    {
      label: trans.__("of that operational"),
      isPart: true,
      values: both(one, other, ({ operationalG }) => units.plainMass(operationalG)),
      difference: isComparable ? differing.difference(a.operationalG, b.operationalG) : null,
    },
    {
      label: trans.__("of that embodied"),
      isPart: true,
      values: both(one, other, ({ embodiedG }) => units.plainMass(embodiedG)),
      difference: differing.difference(a.embodiedG, b.embodiedG),
    },
  ];
}

function energyAndTime(one: Run, other: Run): Line[] {
  const [a, b] = [one.record, other.record];
  const power = ({ energyKwh, durationS }: RunRecord): number | null =>
    units.meanPower(energyKwh, durationS);
  return [
    {
      label: trans.__("Energy"),
      values: both(one, other, ({ energyKwh }) => units.written(units.energy(energyKwh))),
      difference: differing.energyDifference(a, b),
    },
    {
      label: trans.__("Duration"),
      values: both(one, other, ({ durationS }) => units.duration(durationS)),
      difference: differing.difference(a.durationS, b.durationS),
    },
    {
      label: trans.__("Mean power"),
      values: both(one, other, (record) => units.written(units.power(power(record)))),
      difference: differing.difference(power(a), power(b)),
    },
  ];
}

function work(one: Run, other: Run): Line[] {
  const [a, b] = [one.record, other.record];
  const isAlike = a.work.unit === b.work.unit;
  const isComparable = isAlike && differing.obstacle(a, b) === null;
  return [
    {
      label: trans.__("Work done"),
      values: both(one, other, (record) => words.work(record) ?? units.UNKNOWN),
      difference: isAlike ? differing.difference(a.work.done, b.work.done) : null,
    },
    {
      label: trans.__("Throughput"),
      values: both(one, other, rate),
      difference: isAlike ? differing.difference(a.work.ratePerS, b.work.ratePerS) : null,
    },
    {
      label: trans.__("Emissions per unit of work"),
      values: both(one, other, massPerUnit),
      difference: isComparable
        ? differing.difference(differing.massPerUnit(a), differing.massPerUnit(b))
        : null,
    },
    {
      label: trans.__("Metric"),
      values: both(one, other, metric),
      difference:
        a.metric?.expression === b.metric?.expression
          ? differing.difference(one.metric, other.metric)
          : null,
    },
  ];
}

function circumstances(one: Run, other: Run): Line[] {
  const pue: Write = ({ pue: found }) => (found === null ? units.UNKNOWN : units.given(found));
  return [
    { label: trans.__("Zone and intensity"), values: both(one, other, place) },
    { label: trans.__("PUE"), values: both(one, other, pue) },
    { label: trans.__("Devices"), values: both(one, other, devices) },
    { label: trans.__("Method"), values: both(one, other, methods) },
    { label: trans.__("Status"), values: both(one, other, words.status) },
  ];
}

/** All there is to compare; what neither run counted is left out. */
export function linesOf(one: Run, other: Run): Line[] {
  const counted = work(one, other).filter(({ values }) =>
    values.some((value) => value !== units.UNKNOWN),
  );
  return [
    ...emissions(one, other),
    ...energyAndTime(one, other),
    ...counted,
    ...circumstances(one, other),
  ];
}
