/** The hosts that took part, a row for each; those beyond some have one together. */

import { trans } from "../language.js";
import { devicesIn } from "../record/devices.js";
import { listed } from "../record/listed.js";
import type { Host, RunRecord } from "../record/record.js";
import * as units from "../record/units.js";
import { plural } from "../record/words.js";
import { html, OWN_KEYS } from "./dom.js";
import { icon } from "./icons.js";

type Counted = "count" | "workers" | "lost";

function total(hosts: readonly Host[], figure: Counted): number {
  return hosts.reduce((sum, host) => sum + host[figure], 0);
}

function several(hosts: readonly Host[]): string {
  return trans._n("%1 host", "%1 hosts", total(hosts, "count"));
}

function workers(count: number): string | null {
  return count === 0 ? null : trans._n("%1 worker", "%1 workers", count);
}

/** How many hosts and workers there are, and how many of these were lost. */
export function hostSummary({ hosts }: RunRecord): string | null {
  const lost = total(hosts, "lost");
  return hosts.length === 0
    ? null
    : listed([
        several(hosts),
        workers(total(hosts, "workers")),
        lost === 0 ? null : trans.__("%1 lost", lost),
      ]);
}

/** "12 GPUs on 3 hosts", of processors where there are none; null where there is one host. */
export function onHosts({ devices, hosts }: RunRecord): string | null {
  const [gpus, cpus] = [devicesIn(devices, "gpu"), devicesIn(devices, "cpu")];
  const counted =
    gpus > 0 ? trans._n("%1 GPU", "%1 GPUs", gpus) : trans._n("%1 CPU", "%1 CPUs", cpus);
  const where = several(hosts);
  return total(hosts, "count") < 2
    ? null
    : gpus + cpus === 0
      ? where
      : trans._p("devices and hosts", "%1 on %2", counted, where);
}

function lostOf({ lost, workers: all }: Host): HTMLElement[] {
  const said = trans.__("%1 of %2 lost", lost, all);
  return lost === 0
    ? []
    : [html("div", { class: "ocarbon-alert" }, icon("warning"), html("span", {}, said))];
}

function row(host: Host, alone: boolean, unit: string | null): HTMLElement {
  const { name, members, count, meanPowerW, energyJ, workDone } = host;
  const others = trans._n("%1 other host", "%1 other hosts", count);
  const cells = [
    units.written(units.energyOfJoules(energyJ)),
    units.written(units.power(meanPowerW)),
    workDone === null ? "\u2013" : `${units.count(workDone)} ${plural(unit ?? "")}`,
  ];
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, count === 1 ? name : alone ? several([host]) : others),
    html("td", {}, members ?? workers(host.workers) ?? "\u2013", ...lostOf(host)),
    ...cells.map((cell) => html("td", {}, cell)),
  );
}

export function hosts(record: RunRecord): HTMLElement[] {
  const { hosts: rows, work } = record;
  const label = hostSummary(record);
  if (label === null) {
    return [];
  }
  const columns = [
    trans.__("Host"),
    trans.__("Workers"),
    trans.__("Energy"),
    trans.__("Mean power"),
    trans.__("Work"),
  ];
  const table = html(
    "table",
    { class: "ocarbon-devices" },
    html("caption", {}, label),
    html("thead", {}, html("tr", {}, ...columns.map((name) => html("th", { scope: "col" }, name)))),
    html("tbody", {}, ...rows.map((host) => row(host, rows.length === 1, work.unit))),
  );
  const about = { role: "region", tabindex: "0", "aria-label": label, ...OWN_KEYS };
  return [html("div", { class: "ocarbon-hosts", ...about }, table)];
}
