/** The run record, schema `ocarbon.run/1`, read with care: it may come from an untrusted file. */

import { isObject, list, number, object, text, type Json } from "../json.js";
import { trans } from "../language.js";
import { UNKNOWN } from "./units.js";

export const SCHEMA = "ocarbon.run/1";
export const MIME_TYPE = "application/vnd.ocarbon.run+json";

export type Status = "running" | "finished" | "failed" | "interrupted" | "lost";

export interface Device {
  kind: string;
  name: string;
  uuid: string | null;
  energyJ: number | null;
  meanPowerW: number | null;
  maxPowerW: number | null;
  /** Its power now; known in a live record only. */
  powerW: number | null;
  method: string;
  measured: boolean;
  uncertaintyPct: number | null;
  /** Share of the time, 0 to 1, in which a GPU worked. */
  busyShare: number | null;
  host: string | null;
  /** How many the row is of, with the sum of their energy and power. */
  count: number;
}

/** A host of a cluster, or several of them together. */
export interface Host {
  name: string;
  members: string | null;
  workers: number;
  lost: number;
  energyJ: number | null;
  meanPowerW: number | null;
  workDone: number | null;
  count: number;
}

export interface Interval {
  value: number | null;
  low: number | null;
  high: number | null;
  level: number | null;
}

export interface Projection {
  durationS: Interval;
  energyKwh: Interval;
  emissionsG: Interval;
  atFraction: number | null;
  /** Per cent of the truth; null until all the work is done. */
  emissionsErrorPct: number | null;
}

/** OpenCarbonEval's law as it stands for the run. */
export interface Law {
  log10Alpha: number | null;
  scale: number | null;
  durationS: number | null;
  misleads: string | null;
}

export interface RunRecord {
  id: string | null;
  name: string;
  status: Status;
  startedAt: string | null;
  durationS: number | null;
  devices: Device[];
  hosts: Host[];
  energyKwh: number | null;
  pue: number | null;
  zone: { code: string; name: string; how: string };
  intensity: {
    gPerKwh: number | null;
    year: number | null;
    scope: string | null;
    source: string | null;
    /** What it was in the course of the run; empty where it did not change. */
    steps: number[];
  };
  operationalG: number | null;
  embodiedG: number | null;
  /** What the embodied part is made of; empty in old records and where it was left out. */
  embodied: Json[];
  emissionsG: number | null;
  /** What the user does not want to pass, in grams. */
  budgetG: number | null;
  work: {
    done: number | null;
    total: number | null;
    unit: string | null;
    ratePerS: number | null;
    source: string | null;
    hint: string | null;
  };
  throughput: {
    log10Alpha: number | null;
    scale: number | null;
    onsetS: number | null;
    tflopsPerDevice: number | null;
    utilisation: number | null;
    law: Law | null;
  };
  projection: Projection | null;
  projections: Projection[];
  series: {
    timesS: (number | null)[];
    powerW: (number | null)[];
    work: (number | null)[];
    emissionsG: (number | null)[];
  };
  versions: [name: string, version: string][];
  metric: { expression: string; value: string } | null;
  warnings: string[];
}

const STATUSES: readonly string[] = ["running", "finished", "failed", "interrupted", "lost"];

function positive(value: unknown): number | null {
  const found = number(value);
  return found !== null && found > 0 ? found : null;
}

/** A number of things; 0 where it is none. */
function whole(value: unknown): number {
  const found = positive(value);
  return Number.isInteger(found) ? (found ?? 0) : 0;
}

function device(value: unknown): Device {
  const json = object(value);
  return {
    kind: text(json["kind"]) ?? "device",
    name: text(json["name"]) ?? trans.__("unknown device"),
    uuid: text(json["uuid"]),
    energyJ: number(json["energy_j"]),
    meanPowerW: number(json["mean_power_w"]),
    maxPowerW: number(json["max_power_w"]),
    powerW: number(json["power_w"]),
    method: text(json["method"]) ?? UNKNOWN,
    measured: json["measured"] === true,
    uncertaintyPct: number(json["uncertainty_pct"]),
    busyShare: number(json["busy_share"]),
    host: text(json["host"]),
    count: whole(json["count"]) || 1,
  };
}

function host(value: unknown): Host {
  const json = object(value);
  return {
    name: text(json["name"]) ?? UNKNOWN,
    members: text(json["members"]),
    workers: whole(json["workers"]),
    lost: whole(json["lost"]),
    energyJ: number(json["energy_j"]),
    meanPowerW: number(json["mean_power_w"]),
    workDone: number(json["work_done"]),
    count: whole(json["count"]) || 1,
  };
}

function interval(value: unknown): Interval {
  const json = object(value);
  return {
    value: number(json["value"]),
    low: number(json["low"]),
    high: number(json["high"]),
    level: number(json["level"]),
  };
}

function projection(value: unknown): Projection | null {
  if (!isObject(value)) {
    return null;
  }
  return {
    durationS: interval(value["duration_s"]),
    energyKwh: interval(value["energy_kwh"]),
    emissionsG: interval(value["emissions_g"]),
    atFraction: number(value["at_fraction"]),
    emissionsErrorPct: number(value["emissions_error_pct"]),
  };
}

function law(value: unknown): Law | null {
  return isObject(value)
    ? {
        log10Alpha: number(value["log10_alpha"]),
        scale: number(value["scale"]),
        durationS: number(value["duration_s"]),
        misleads: text(value["misleads"]),
      }
    : null;
}

function metric(value: unknown): RunRecord["metric"] {
  const json = object(value);
  const expression = text(json["expression"]);
  const found = number(json["value"]);
  const shown = found === null ? text(json["value"]) : String(Number(found.toPrecision(4)));
  return expression === null ? null : { expression, value: shown ?? UNKNOWN };
}

/** What is no status that is known has come to no end that is known. */
export function readStatus(value: unknown): Status {
  return STATUSES.includes(value as string) ? (value as Status) : "lost";
}

/** Read a record, or return null when `data` is not one of this schema. */
export function readRecord(data: unknown): RunRecord | null {
  if (!isObject(data) || data["schema"] !== SCHEMA) {
    return null;
  }
  const zone = object(data["zone"]);
  const intensity = object(data["intensity"]);
  const work = object(data["work"]);
  const throughput = object(data["throughput"]);
  const series = object(data["series"]);
  return {
    id: text(data["id"]),
    name: text(data["name"]) ?? trans.__("unnamed run"),
    status: readStatus(data["status"]),
    startedAt: text(data["started_at"]),
    durationS: number(data["duration_s"]),
    devices: list(data["devices"]).map(device),
    hosts: list(data["hosts"]).map(host),
    energyKwh: number(data["energy_kwh"]),
    pue: number(data["pue"]),
    zone: {
      code: text(zone["code"]) ?? UNKNOWN,
      name: text(zone["name"]) ?? text(zone["code"]) ?? trans.__("unknown zone"),
      how: text(zone["how"]) ?? UNKNOWN,
    },
    intensity: {
      gPerKwh: number(intensity["gco2e_per_kwh"]),
      year: number(intensity["year"]),
      scope: text(intensity["scope"]),
      source: text(intensity["source"]),
      steps: list(object(intensity["series"])["gco2e_per_kwh"]).flatMap((step) => number(step) ?? []),
    },
    operationalG: number(data["operational_g"]),
    embodiedG: number(data["embodied_g"]),
    embodied: list(data["embodied"]).map(object),
    emissionsG: number(data["emissions_g"]),
    budgetG: positive(data["budget_g"]),
    work: {
      done: number(work["done"]),
      total: number(work["total"]),
      unit: text(work["unit"]),
      ratePerS: number(work["rate_per_s"]),
      source: text(work["source"]),
      hint: text(work["hint"]),
    },
    throughput: {
      log10Alpha: number(throughput["log10_alpha"]),
      scale: number(throughput["scale"]),
      onsetS: number(throughput["onset_s"]),
      tflopsPerDevice: number(throughput["tflops_per_device"]),
      utilisation: number(throughput["utilisation"]),
      law: law(throughput["law"]),
    },
    projection: projection(data["projection"]),
    projections: list(data["projections"])
      .map(projection)
      .filter((made) => made !== null),
    series: {
      timesS: list(series["t_s"]).map(number),
      powerW: list(series["power_w"]).map(number),
      work: list(series["work"]).map(number),
      emissionsG: list(series["emissions_g"]).map(number),
    },
    versions: Object.entries(object(data["versions"])).map(([name, version]) => [
      name,
      text(version) ?? UNKNOWN,
    ]),
    metric: metric(data["metric"]),
    warnings: list(data["warnings"]).flatMap((line) => text(line) ?? []),
  };
}
