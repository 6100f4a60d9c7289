/** The charts of a run: emissions, throughput, power and the devices' shares of it. */

import type { RunRecord } from "../record/record.js";
import { devicePower } from "./devicepower.js";
import { html } from "./dom.js";
import { emissionsChart } from "./emissionschart.js";
import { powerChart } from "./powerchart.js";
import { throughputChart } from "./throughputchart.js";
import type { AxisEnds } from "./ticks.js";

export interface ChartsOptions {
  /** Whether to show OpenCarbonEval's law beside the throughput. */
  law?: boolean;
  /** Where the axes ended last, so that a live chart keeps its scale; kept by who redraws. */
  ends?: AxisEnds;
}

export function charts(record: RunRecord, options: ChartsOptions = {}): HTMLElement {
  const { law = false, ends = new Map() } = options;
  const live = record.status === "running" ? ends : null;
  const drawn = [
    emissionsChart(record, live),
    throughputChart(record, { law }, live),
    powerChart(record, live),
    devicePower(record),
  ].filter((each) => each !== null);
  const inRows = drawn.filter(({ classList }) => !classList.contains("ocarbon-wide")).length;
  return html("div", { class: "ocarbon-charts", "data-in-rows": String(inRows) }, ...drawn);
}
