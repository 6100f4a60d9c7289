/** A run that goes on: the record as it was at first, brought up to date by snapshots. */

import { list, number, object, text, type Json } from "../json.js";
import { Points } from "./points.js";

export const SNAPSHOT_SCHEMA = "ocarbon.snapshot/1";

/** What a snapshot says in the words of the record. */
const FIGURES = [
  "duration_s",
  "energy_kwh",
  "operational_g",
  "embodied_g",
  "emissions_g",
] as const;
const PARTS = ["projection", "throughput", "warnings", "embodied", "hosts"] as const;

/** What it says of the run itself, for those who have no output that does. */
const ABOUT = ["name", "started_at", "zone", "intensity", "pue", "budget_g", "cell"] as const;

function has(json: Json, key: string): boolean {
  return Object.hasOwn(json, key);
}

function mean(energyJ: number | null, durationS: number | null): number | null {
  return energyJ === null || durationS === null || durationS <= 0 ? null : energyJ / durationS;
}

export class LiveRun {
  private base: Json;
  private readonly devices: Json[] = [];
  private readonly points = new Points();
  private seen = -1;

  /** Begin with the record that the output holds, or with nothing but a name for the run. */
  constructor(base: Json) {
    this.base = { ...base };
    this.devices = list(base["devices"]).map((device) => ({ ...object(device) }));
  }

  get id(): string {
    return text(this.base["id"]) ?? "";
  }

  /** Whether the run goes on, as far as is known here. */
  get isRunning(): boolean {
    return this.base["status"] === "running";
  }

  /** Take over what the output says and no snapshot does, such as the name and the zone. */
  adopt(record: Json): void {
    if (record["status"] !== "running") {
      this.base = record;
    } else if (this.isRunning) {
      this.base = this.seen < 0 ? { ...record } : { ...record, ...this.base };
    }
  }

  /** Take in what has changed. */
  add(snapshot: Json): void {
    const order = number(snapshot["number"]) ?? 0;
    if (!this.isRunning || order <= this.seen) {
      return;
    }
    this.seen = order;
    for (const key of [...FIGURES, ...PARTS]) {
      if (has(snapshot, key)) {
        this.base[key] = snapshot[key];
      }
    }
    const about = object(snapshot["run"]);
    for (const key of ABOUT.filter((one) => has(about, one))) {
      this.base[key] = about[key];
    }
    const work = { ...object(this.base["work"]) };
    Object.assign(work, object(snapshot["work"]));
    this.base["work"] = { ...work, done: snapshot["done"], rate_per_s: snapshot["rate_per_s"] };
    this.takeDevices(snapshot);
    this.points.add(snapshot["points"], number(snapshot["stride"]) ?? 1);
  }

  /** The run as it stands, as a record. */
  record(): Json {
    if (!this.isRunning || this.seen < 0) {
      return this.base;
    }
    const powersW = this.devices.map((device) => number(device["power_w"]));
    const known = powersW.filter((power) => power !== null);
    const powerW = known.length === 0 ? null : known.reduce((sum, power) => sum + power, 0);
    const work = number(object(this.base["work"])["done"]);
    const now = [number(this.base["duration_s"]), powerW, work, number(this.base["emissions_g"])];
    return { ...this.base, devices: this.devices, series: this.points.series(now) };
  }

  private takeDevices(snapshot: Json): void {
    const told = object(snapshot["devices"]);
    for (const [index, about] of Object.entries(told)) {
      this.devices[Number(index)] = { ...this.devices[Number(index)], ...(about as Json) };
    }
    const energiesJ = list(snapshot["device_energy_j"]).map(number);
    const powersW = list(snapshot["device_power_w"]).map(number);
    this.devices.length = Math.min(this.devices.length, energiesJ.length); // put together since
    for (const [index, energyJ] of energiesJ.entries()) {
      this.devices[index] = {
        ...this.devices[index],
        energy_j: energyJ,
        power_w: powersW[index] ?? null,
        mean_power_w: mean(energyJ, number(snapshot["duration_s"])),
      };
    }
  }
}
