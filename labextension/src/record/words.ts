/** What a record says, in words; the same as in the package's `views/words.py`. */

import { trans } from "../language.js";
import { energyShare } from "./certainty.js";
import * as codes from "./codes.js";
import { devicesIn } from "./devices.js";
import { listed } from "./listed.js";
import type { Device, Projection, RunRecord } from "./record.js";
import * as units from "./units.js";

/** What an intensity takes into account. */
export function intensityScope(code: string | null): string {
  return code === null ? trans.__("scope unknown") : codes.worded(codes.INTENSITY_SCOPES, code);
}

export function status(record: RunRecord): string {
  const took = units.duration(record.durationS);
  switch (record.status) {
    case "running": {
      const share = shareDone(record);
      return share === null
        ? measuring(record)
        : trans.__("%1, %2 done", measuring(record), units.percent(100 * share));
    }
    case "finished":
      return trans.__("finished in %1", took);
    case "failed":
      return trans.__("failed after %1", took);
    case "interrupted":
      return trans.__("interrupted after %1", took);
    case "lost":
      return trans.__("lost after %1", took);
  }
}

function measuring(record: RunRecord): string {
  const { durationS, startedAt } = record;
  if (!durationS) {
    return startedAt === null
      ? trans.__("measuring")
      : trans.__("measuring since %1", moment(startedAt));
  }
  const took = units.duration(durationS);
  const endS = openProjection(record)?.durationS.value ?? null;
  return endS !== null && endS > durationS
    ? trans.__("measuring %1 of ~%2", took, units.duration(endS))
    : trans.__("measuring, %1 so far", took);
}

/** What stands in place of the figures while there are none; it promises none. */
export function awaited({ status: word, energyKwh, work: { done } }: RunRecord): string | null {
  const isAwaited = word === "running" && energyKwh === null && done === null;
  return isAwaited ? trans.__("No reading yet.") : null;
}

/** Whether the user gave the intensity, so that the zone has no part in it. */
export function intensityIsByHand({ intensity: { year, scope } }: RunRecord): boolean {
  return year === null && scope === null;
}

/** What follows its publisher in the source of an intensity that was told as the run went on. */
const LIVE = ", live";

/** The intensity, of one that changed the mean. */
export function intensity({ intensity: { gPerKwh, source, steps } }: RunRecord): string {
  const amount = units.written(units.intensity(gPerKwh));
  return steps.length > 0 || source?.includes(LIVE) ? trans.__("%1 mean", amount) : amount;
}

/** Between what the intensity was in the run; null where it did not change. */
export function intensityRange({ intensity: { steps } }: RunRecord): string | null {
  const [low, high] = [Math.min(...steps), Math.max(...steps)];
  return low < high
    ? trans.__("between %1 and %2", units.given(low), units.written(units.intensity(high)))
    : null;
}

/**
 * The intensity's year and scope, without which it cannot be compared; of one that changed, who
 * told it stands for the year.
 */
export function intensityBasis(record: RunRecord): string {
  const { year, scope, source } = record.intensity;
  const [publisher = "", ...told] = source?.split(LIVE) ?? [];
  return intensityIsByHand(record)
    ? trans.__("by hand")
    : listed([
        told.length > 0
          ? trans._p("publisher of an intensity", "%1, live", publisher)
          : year === null
            ? trans.__("year unknown")
            : String(year),
        intensityScope(scope),
      ]);
}

export function place({ zone: { code, name } }: RunRecord): string {
  return name === code ? code : `${code} (${name})`;
}

/** What the run itself had, where something else can be chosen. */
export function ownChoice(record: RunRecord, field: "zone" | "device" | "hour"): string {
  if (field === "zone") {
    return intensityIsByHand(record) ? trans.__("intensity by hand") : place(record);
  }
  const [first] = [...record.devices].sort((one, other) => rank(one) - rank(other));
  if (field === "device" && first !== undefined) {
    return first.name;
  }
  return record.status === "running" ? trans.__("as it is") : trans.__("as it was");
}

/** The device that does the work comes first. */
function rank({ kind }: Device): number {
  return kind === "gpu" ? 0 : 1;
}

/** How the zone was found, where the reader should doubt it. */
export function zoneDoubt({ zone: { how } }: RunRecord): string | null {
  return codes.DOUBTS.get(how)?.() ?? null;
}

export function zone(record: RunRecord): string {
  const unused = intensityIsByHand(record) ? trans.__("not used") : null;
  return listed([place(record), codes.worded(codes.HOW, record.zone.how), unused]);
}

export function method({ energyJ, measured, method: way }: Device): string {
  const surely = measured ? trans.__("measured") : trans.__("estimate");
  const how = energyJ === null ? trans.__("not read") : surely;
  return listed([how, codes.worded(codes.METHODS, way)]);
}

/** How sure the energy is: its uncertainty, what is estimated, what is missing. */
export function energyCertainty({ devices, status: word }: RunRecord): string[] {
  const known = devices.filter(({ energyJ }) => energyJ !== null);
  if (known.length === 0) {
    return word === "running" ? [] : [trans.__("not measured")];
  }
  const share = energyShare(known);
  const bound = Number.isFinite(share) ? `±${units.percent(100 * share)}` : "";
  const estimates = known.filter(({ measured }) => !measured).length;
  const count = devicesIn(devices);
  const unread = count - devicesIn(known);
  const estimate = bound === "" ? trans.__("estimate") : trans.__("estimate %1", bound);
  return [
    estimates === known.length ? estimate : bound,
    0 < estimates && estimates < known.length ? trans.__("partly an estimate") : "",
    unread > 0
      ? trans._n("%2 of %1 device not read", "%2 of %1 devices not read", count, unread)
      : "",
  ].filter((part) => part !== "");
}

export function scope({ devices }: RunRecord): string | null {
  const [kind, ...others] = new Set(devices.map((device) => device.kind));
  if (kind === undefined) {
    return null;
  }
  const alone = others.length === 0 ? codes.DEVICE_SCOPES.get(kind)?.() : undefined;
  return (
    alone ??
    trans.__(
      "the devices listed; disks, network, fans and the power supply are not in these numbers",
    )
  );
}

export function deviceCount({ devices }: RunRecord): string {
  const [gpus, cpus] = [devicesIn(devices, "gpu"), devicesIn(devices, "cpu")];
  const counted = listed([
    gpus === 0 ? null : trans._n("%1 GPU", "%1 GPUs", gpus),
    cpus === 0 ? null : trans._n("%1 CPU", "%1 CPUs", cpus),
  ]);
  return counted === "" ? trans.__("no device") : counted;
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
  const counted = units.count(done);
  const planned = total === null ? counted : trans.__("%1 of %2", counted, units.count(total));
  return `${planned} ${plural(unit ?? "")}`.trimEnd();
}

/** The word for several of a unit; a word of few letters is a symbol and stays. */
export function plural(unit: string): string {
  if (unit.length < 4 || unit.endsWith("s")) {
    return unit;
  }
  return unit + (/(tch|sh|x)$/.test(unit) ? "es" : "s");
}

/** Who counted the work; null where nothing did. */
export function countedBy({ work: { source } }: RunRecord): string | null {
  if (source === null) {
    return null;
  }
  const [who = "", where] = source.split(" in ");
  const counter = codes.COUNTERS.get(who)?.() ?? trans.__("counted by %1", who);
  return where === undefined ? counter : trans._p("who counted where", "%1 in %2", counter, where);
}

/** Throughput in FLOP per second and device; null where it is not known. */
export function flopRate({ throughput }: RunRecord): string | null {
  const { tflopsPerDevice, utilisation } = throughput;
  if (tflopsPerDevice === null) {
    return null;
  }
  const rate = units.written(units.flopRate(tflopsPerDevice));
  return utilisation === null
    ? trans.__("%1 a device", rate)
    : trans.__("%1 a device, %2 of the peak", rate, units.percent(100 * utilisation));
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
      : [
          trans.__(
            "%1 at %2",
            units.signedPercent(emissionsErrorPct),
            units.percent(100 * atFraction),
          ),
        ],
  );
  return judged.length === 0
    ? null
    : trans.__("projected emissions were off by %1 of the work", listed(judged));
}

/** The fitted throughput model as a formula; null where nothing was fitted. */
export function model({ throughput, work: { unit } }: RunRecord): string | null {
  const { log10Alpha, scale, onsetS } = throughput;
  if (scale === null) {
    return null;
  }
  if (log10Alpha === null) {
    const rate = units.written(units.rate(scale, unit));
    return onsetS
      ? trans.__("constant, %1 from %2 on", rate, units.duration(onsetS))
      : trans.__("constant, %1 from the start on", rate);
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
  const pace =
    paper.log10Alpha === null
      ? trans.__("constant pace")
      : `log10 \u03b1 = ${exponent(paper.log10Alpha)}`;
  const open = paper.durationS !== null && openProjection(record) !== null;
  const said = open
    ? trans.__("%1, would end at %2", pace, units.duration(paper.durationS))
    : pace;
  return paper.misleads === null ? said : trans.__("%1. %2", said, paper.misleads);
}

export function moment(rfc3339: string | null): string {
  const parsed = rfc3339 === null ? NaN : Date.parse(rfc3339);
  return Number.isNaN(parsed)
    ? units.UNKNOWN
    : `${new Date(parsed).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
