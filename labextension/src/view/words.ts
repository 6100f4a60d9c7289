/** What a record says, in words; the same as in the package's `views/words.py`. */

import type { Device, Projection, RunRecord } from "./record.js";
import * as units from "./units.js";

const METHODS: Record<string, string> = {
  "nvml-energy-counter": "NVML energy counter",
  "nvml-power": "NVML power over time",
  rapl: "RAPL energy counter",
  "cpu-estimate": "from CPU load",
  trace: "replayed recording",
};

const HOW: Record<string, string> = {
  given: "as given",
  configured: "as configured",
  timezone: "a guess from the time zone",
  default: "assumed, as the place is not known",
};

const SCOPES: Record<string, string> = {
  gpu:
    "GPU boards only; the rest of a server typically adds 18 to 29 % of its energy, " +
    "and is not in these numbers",
  cpu: "CPU only; memory, disks, fans and the power supply are not in these numbers",
};
const MIXED_SCOPE =
  "the devices listed; disks, network, fans and the power supply are not in these numbers";

export function status(record: RunRecord): string {
  const { status: word, durationS } = record;
  if (word === "running") {
    const share = shareDone(record);
    return measuring(record) + (share === null ? "" : `, ${units.percent(100 * share)} done`);
  }
  return `${word} ${word === "finished" ? "in" : "after"} ${units.duration(durationS)}`;
}

function measuring(record: RunRecord): string {
  const { durationS, startedAt } = record;
  if (!durationS) {
    return startedAt === null ? "measuring" : `measuring since ${moment(startedAt)}`;
  }
  const took = units.duration(durationS);
  const endS = openProjection(record)?.durationS.value ?? null;
  return endS !== null && endS > durationS
    ? `measuring ${took} of ~${units.duration(endS)}`
    : `measuring, ${took} so far`;
}

/** What stands in place of the figures while there are none; it promises none. */
export function awaited({ status: word, energyKwh, work: { done } }: RunRecord): string | null {
  return word === "running" && energyKwh === null && done === null ? "No reading yet." : null;
}

/** Whether the user gave the intensity, so that the zone has no part in it. */
export function intensityIsByHand({ intensity: { year, scope } }: RunRecord): boolean {
  return year === null && scope === null;
}

/** The intensity's year and scope, without which it cannot be compared. */
export function intensityBasis(record: RunRecord): string {
  const { year, scope } = record.intensity;
  return intensityIsByHand(record)
    ? "by hand"
    : `${year ?? "year unknown"}, ${scope ?? "scope unknown"}`;
}

export function place({ zone: { code, name } }: RunRecord): string {
  return name === code ? code : `${code} (${name})`;
}

/** What the run itself had, where something else can be chosen. */
export function ownChoice(record: RunRecord, field: "zone" | "device" | "hour"): string {
  const asItWas = record.status === "running" ? "as it is" : "as it was";
  if (field === "zone") {
    return intensityIsByHand(record) ? "intensity by hand" : place(record);
  }
  const [first] = [...record.devices].sort((one, other) => rank(one) - rank(other));
  return field === "device" && first !== undefined ? first.name : asItWas;
}

/** The device that does the work comes first. */
function rank({ kind }: Device): number {
  return kind === "gpu" ? 0 : 1;
}

/** How the zone was found, where the reader should doubt it. */
export function zoneDoubt({ zone: { how } }: RunRecord): string | null {
  const doubts: Record<string, string> = {
    timezone: "guess from the time zone",
    default: "assumed, place not known",
  };
  return doubts[how] ?? null;
}

export function zone(record: RunRecord): string {
  const { how } = record.zone;
  const unused = intensityIsByHand(record) ? ", not used" : "";
  return `${place(record)}, ${HOW[how] ?? how}${unused}`;
}

export function method({ energyJ, measured, method: way }: Device): string {
  const how = energyJ === null ? "not read" : measured ? "measured" : "estimate";
  return `${how}, ${METHODS[way] ?? way}`;
}

/**
 * How sure the energy is: its uncertainty, what is estimated, what is missing. The devices'
 * bounds are added as they are, not in quadrature: sensors of one kind err the same way.
 */
export function energyCertainty({ devices, status: word }: RunRecord): string[] {
  const known = devices.filter(({ energyJ }) => energyJ !== null);
  if (known.length === 0) {
    return word === "running" ? [] : ["not measured"];
  }
  const energyJ = known.reduce((sum, device) => sum + (device.energyJ ?? 0), 0);
  const errorJ = known.reduce(
    (sum, device) => sum + ((device.uncertaintyPct ?? NaN) * (device.energyJ ?? 0)) / 100,
    0,
  );
  const sure = energyJ > 0 && !Number.isNaN(errorJ);
  const bound = sure ? `±${units.percent((100 * errorJ) / energyJ)}` : "";
  const estimates = known.filter(({ measured }) => !measured).length;
  const unread = devices.length - known.length;
  return [
    estimates === known.length ? `estimate ${bound}`.trimEnd() : bound,
    0 < estimates && estimates < known.length ? "partly an estimate" : "",
    unread > 0 ? `${unread} of ${devices.length} devices not read` : "",
  ].filter((part) => part !== "");
}

export function scope({ devices }: RunRecord): string | null {
  const [kind, ...others] = new Set(devices.map((device) => device.kind));
  if (kind === undefined) {
    return null;
  }
  return (others.length === 0 ? SCOPES[kind] : undefined) ?? MIXED_SCOPE;
}

export function deviceCount({ devices }: RunRecord): string {
  const counted = (["GPU", "CPU"] as const).map((name) => {
    const n = devices.filter(({ kind }) => kind === name.toLowerCase()).length;
    return n === 0 ? "" : `${n} ${name}${n === 1 ? "" : "s"}`;
  });
  return counted.filter((part) => part !== "").join(", ") || "no device";
}

/** The share of the planned work that is done, 0 to 1; null where it is not known. */
export function shareDone({ work: { done, total } }: RunRecord): number | null {
  return done === null || total === null || total <= 0
    ? null
    : Math.min(1, Math.max(0, done / total));
}

/** Work done of the work planned; null where nothing counted. */
export function work({ work: { done, total, unit } }: RunRecord): string | null {
  if (done === null) {
    return null;
  }
  const planned = total === null ? "" : ` of ${units.count(total)}`;
  return `${units.count(done)}${planned} ${plural(unit ?? "")}`.trimEnd();
}

/** The word for several of a unit; a word of few letters is a symbol and stays. */
function plural(unit: string): string {
  if (unit.length < 4 || unit.endsWith("s")) {
    return unit;
  }
  return unit + (/(tch|sh|x)$/.test(unit) ? "es" : "s");
}

const COUNTERS: Record<string, string> = {
  "cell loop": "the cell's own loops",
  "torch optimizer": "the steps of PyTorch's optimizer",
  keras: "Keras",
  transformers: "the Transformers Trainer",
  lightning: "Lightning",
};

/** Who counted the work; null where nothing did. */
export function countedBy({ work: { source } }: RunRecord): string | null {
  return source === null ? null : `counted by ${COUNTERS[source] ?? source}`;
}

/** Throughput in FLOP per second and device; null where it is not known. */
export function flopRate({ throughput }: RunRecord): string | null {
  const { tflopsPerDevice, utilisation } = throughput;
  if (tflopsPerDevice === null) {
    return null;
  }
  const ofPeak = utilisation === null ? "" : `, ${units.percent(100 * utilisation)} of the peak`;
  return `${units.written(units.flopRate(tflopsPerDevice))} a device${ofPeak}`;
}

/** The projection while it is still of use: before the planned work is done. */
export function openProjection({ projection, work: counted }: RunRecord): Projection | null {
  const { done, total } = counted;
  return done !== null && total !== null && done >= total ? null : projection;
}

/** How far off the projections were; null until that is known. */
export function trackRecord({ projections }: RunRecord): string | null {
  const judged = projections.flatMap(({ atFraction, emissionsErrorPct }) =>
    atFraction === null || emissionsErrorPct === null
      ? []
      : [`${units.signedPercent(emissionsErrorPct)} at ${units.percent(100 * atFraction)}`],
  );
  return judged.length === 0
    ? null
    : `projected emissions were off by ${judged.join(", ")} of the work`;
}

/** The fitted throughput model as a formula; null where nothing was fitted. */
export function model({ throughput, work: { unit } }: RunRecord): string | null {
  const { log10Alpha, scale, onsetS } = throughput;
  if (scale === null) {
    return null;
  }
  if (log10Alpha === null) {
    const since = onsetS ? units.duration(onsetS) : "the start";
    return `constant, ${units.written(units.rate(scale, unit))} from ${since} on`;
  }
  const after = onsetS ? `(t \u2212 ${units.given(onsetS)} s)` : "t";
  return `f(t) = ${units.given(scale)} ln(1 + 10^${exponent(log10Alpha)} ${after}) ${unit ?? ""}/s`;
}

function exponent(value: number): string {
  return units.given(value).replace("-", "\u2212");
}

/** What the paper's law says of the run, and where it is known to mislead. */
export function law(record: RunRecord): string | null {
  const paper = record.throughput.law;
  if (paper === null) {
    return null;
  }
  const said =
    paper.log10Alpha === null ? "constant pace" : `log10 \u03b1 = ${exponent(paper.log10Alpha)}`;
  const open = paper.durationS !== null && openProjection(record) !== null;
  const end = open ? `, would end at ${units.duration(paper.durationS)}` : "";
  return `${said}${end}${paper.misleads === null ? "" : `. ${paper.misleads}`}`;
}

export function moment(rfc3339: string | null): string {
  const parsed = rfc3339 === null ? NaN : Date.parse(rfc3339);
  return Number.isNaN(parsed)
    ? units.UNKNOWN
    : `${new Date(parsed).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
