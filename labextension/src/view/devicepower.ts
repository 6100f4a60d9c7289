/** The power of each device as a list of bars, so that an idle one stands out. */

import { trans } from "../language.js";
import { worded, type Words } from "../record/codes.js";
import { devicesIn, times } from "../record/devices.js";
import { listed } from "../record/listed.js";
import type { Device, RunRecord } from "../record/record.js";
import { power, POWER_W, prefixFor, written } from "../record/units.js";
import { html, svg } from "./dom.js";
import { percent } from "./plot.js";
import { valueAxis } from "./ticks.js";

interface Bar {
  /** "GPU 3". */
  label: string;
  device: Device;
  powerW: number | null;
}

/** Devices of one kind and name. */
interface Group {
  kind: string;
  name: string;
  bars: Bar[];
}

const KINDS: Words = new Map([
  ["gpu", () => trans.__("GPU")],
  ["cpu", () => trans.__("CPU")],
  ["dram", () => trans.__("DRAM")],
  ["device", () => trans.__("device")],
]);

/** A device that draws less than this of its like's median is marked. */
const LOW_SHARE = 0.5;

/** More devices than this have a row of their own below the charts, in several columns. */
const MAX_BESIDE = 12;

/** A row's powers by device: those of several are shown as the mean of each. */
function ofEach(row: Device): Device {
  const each = (watts: number | null): number | null => watts && watts / row.count;
  return {
    ...row,
    powerW: each(row.powerW),
    meanPowerW: each(row.meanPowerW),
    maxPowerW: each(row.maxPowerW),
  };
}

/** "GPU 3", in a cluster with its host; a host alone where the row is of several devices there. */
function labelled({ kind, host, count }: Device, index: number, isAlone: boolean): string {
  const word = worded(KINDS, kind);
  if (count > 1) {
    return host ?? times(count, word);
  }
  const own = isAlone ? word : trans._p("kind and number of a device", "%1 %2", word, index);
  return host === null ? own : `${host} ${own}`;
}

function grouped(devices: readonly Device[], isNow: boolean): Group[] {
  const groups = new Map<string, Group>();
  const counted = new Map<string, number>();
  for (const device of devices) {
    const { kind, name, host } = device;
    const place = JSON.stringify([kind, host]);
    const index = counted.get(place) ?? 0;
    counted.set(place, index + 1);
    const alike = devices.filter((other) => other.kind === kind && other.host === host);
    const key = JSON.stringify([kind, name]);
    const group = groups.get(key) ?? { kind, name, bars: [] };
    group.bars.push({
      label: labelled(device, index, alike.length === 1),
      device,
      powerW: isNow ? device.powerW : device.meanPowerW,
    });
    groups.set(key, group);
  }
  return [...groups.values()];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
}

/** Where the bars of a kind end, in watts. */
function fullBarW(devices: readonly Device[]): number {
  const highest = devices.reduce(
    (top, { maxPowerW, meanPowerW, powerW }) =>
      Math.max(top, maxPowerW ?? 0, meanPowerW ?? 0, powerW ?? 0),
    0,
  );
  const { end, size } = valueAxis(highest, prefixFor(highest, POWER_W));
  return end * size;
}

/** A mark by shape and word, standing where the bar ends. */
function lowMark(startPct: number): HTMLElement {
  return html(
    "span",
    { class: "ocarbon-low", style: `margin-left: calc(${percent(startPct)} + 6px)` },
    svg(
      "svg",
      { class: "ocarbon-low-sign", viewBox: "0 0 10 10", "aria-hidden": "true" },
      svg("path", { d: "M1 2H9L5 9Z" }),
    ),
    trans._p("power of a device", "low"),
  );
}

function drawn(watts: number | null, highestW: number | null, fullW: number): SVGElement {
  const tick = highestW === null ? null : percent((100 * highestW) / fullW);
  return svg(
    "svg",
    { class: "ocarbon-bar", "aria-hidden": "true" },
    svg("rect", { class: "ocarbon-bar-rail", width: "100%", height: "100%" }),
    ...(watts === null
      ? []
      : [svg("rect", { width: percent((100 * Math.max(0, watts)) / fullW), height: "100%" })]),
    ...(tick === null ? [] : [svg("line", { x1: tick, x2: tick, y1: "0", y2: "100%" })]),
  );
}

function row({ label, device, powerW }: Bar, fullW: number, lowBelowW: number): HTMLElement {
  const { name, uuid, maxPowerW } = device;
  const isLow = powerW !== null && powerW < lowBelowW;
  const [barPct, tickPct] = [powerW ?? 0, maxPowerW ?? 0].map((w) => (100 * w) / fullW) as [
    number,
    number,
  ];
  return html(
    "li",
    { class: "ocarbon-device" },
    html("span", { title: listed([device.host, name, uuid]) }, label),
    html(
      "span",
      { class: "ocarbon-rail" },
      drawn(powerW, maxPowerW, fullW),
      ...(isLow ? [lowMark(tickPct < 50 ? Math.max(barPct, tickPct) : barPct)] : []),
    ),
    html(
      "span",
      { class: "ocarbon-watts" },
      written(power(powerW)),
      html("span", { class: "ocarbon-unseen" }, trans.__(", highest %1", written(power(maxPowerW)))),
    ),
  );
}

function list({ name, bars }: Group, fullW: number): HTMLElement[] {
  const known = bars.map(({ powerW }) => powerW).filter((watts) => watts !== null);
  const lowBelowW = known.length < 2 ? 0 : LOW_SHARE * median(known);
  const isEstimate = bars.every(({ device }) => !device.measured);
  const counted = times(devicesIn(bars.map(({ device }) => device)), name);
  return [
    html(
      "div",
      { class: "ocarbon-muted ocarbon-group" },
      html("span", {}, isEstimate ? trans.__("%1, estimate", counted) : counted),
      html(
        "span",
        { class: "ocarbon-chart-note" },
        trans.__("full bar %1", written(power(fullW))),
      ),
    ),
    html(
      "ol",
      { class: "ocarbon-bars", role: "list" },
      ...bars.map((bar) => row(bar, fullW, lowBelowW)),
    ),
  ];
}

/** Draw the devices' power, or return null where there is one device or nothing is known. */
export function devicePower({ devices: rows, status }: RunRecord): HTMLElement | null {
  const devices = rows.map(ofEach);
  const isNow = status === "running" && devices.some(({ powerW }) => powerW !== null);
  const groups = grouped(devices, isNow);
  const isKnown = groups.some(({ bars }) => bars.some(({ powerW }) => powerW !== null));
  if (devices.length < 2 || !isKnown) {
    return null;
  }
  const lists = groups.flatMap((group) =>
    list(group, fullBarW(devices.filter(({ kind }) => kind === group.kind))),
  );
  const legend = isNow
    ? trans.__("bar now, tick highest")
    : trans.__("bar mean, tick highest");
  const width = devices.length > MAX_BESIDE ? " ocarbon-wide" : "";
  const hosted = devices.some(({ host }) => host !== null) ? " ocarbon-hosted" : "";
  return html(
    "figure",
    { class: `ocarbon-chart ocarbon-chart-devices${width}${hosted}` },
    html(
      "figcaption",
      {},
      html("span", { class: "ocarbon-chart-title" }, trans.__("Power of each device")),
      html("span", { class: "ocarbon-muted ocarbon-chart-note" }, legend),
    ),
    ...lists,
  );
}
