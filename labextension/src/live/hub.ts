/** Where the runs of all open notebooks are told of, and followed by whoever draws them. */

import { isObject, object, text, type Json } from "../json.js";
import { SCHEMA } from "../record/record.js";
import { LiveRun, SNAPSHOT_SCHEMA } from "./run.js";

/** What runs the cells. */
export interface Kernel {
  readonly id: string;
  interrupt(): Promise<void>;
}

/** Hears that something is new of the run `id` of a kernel. */
export type Watcher = (id: string, kernel: Kernel) => void;

/** Runs are forgotten when so many newer ones have been told of. */
const MOST_RUNS = 64;

/** How long a run that nothing was heard of may be believed to go on. */
const SILENCE_MS = 15_000;

interface Told {
  run: LiveRun;
  kernel: Kernel | null;
  heard: boolean;
  /** Nothing was heard of it for so long that nobody seems to be there. */
  silent: boolean;
  followers: Set<() => void>;
}

export class Hub {
  private readonly runs = new Map<string, Told>();
  private readonly watchers = new Set<Watcher>();

  /** Hear of all runs that kernels tell of, until the function that is returned is called. */
  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /**
   * Take in what a kernel has published in a comm message, if it is of a run of ours. Returns
   * whether it is.
   */
  hear(data: unknown, kernel: Kernel): boolean {
    const state = isObject(data) && isObject(data["state"]) ? data["state"] : data;
    const { snapshot, record } = object(state);
    if (isObject(snapshot) && snapshot["schema"] === SNAPSHOT_SCHEMA) {
      this.tell(snapshot, kernel, (run) => run.add(snapshot));
      return true;
    }
    if (isObject(record) && typeof record["id"] === "string" && record["status"] !== "running") {
      this.tell(record, kernel, (run) => run.adopt(record));
      return true;
    }
    return false;
  }

  /** The runs of a kernel that is no more are lost. */
  lose(kernelId: string): void {
    for (const told of this.runs.values()) {
      if (told.kernel?.id === kernelId && told.run.isRunning) {
        told.run.adopt({ ...told.run.record(), status: "lost" });
        this.pass(told);
      }
    }
  }

  /** Follow the run of `record`, until the function that is returned is called. */
  follow(record: Json, follower: () => void): () => void {
    const told = this.find(record);
    told.run.adopt(record);
    told.followers.add(follower);
    const patience = setTimeout(() => {
      told.silent = !told.heard;
      follower();
    }, SILENCE_MS);
    return () => {
      clearTimeout(patience);
      told.followers.delete(follower);
    };
  }

  /** The record of a run as it stands. */
  record(record: Json): Json {
    const { run, silent } = this.find(record);
    return silent && run.isRunning ? { ...run.record(), status: "lost" } : run.record();
  }

  /** Whether it is known how the run ended. */
  isOver(record: Json): boolean {
    return !this.find(record).run.isRunning;
  }

  /** What interrupts the run; undefined where that is not known. */
  interrupt(record: Json): (() => void) | undefined {
    const kernel = this.runs.get(text(record["id"]) ?? "")?.kernel;
    return kernel ? () => void kernel.interrupt() : undefined;
  }

  private tell(about: Json, kernel: Kernel, change: (run: LiveRun) => void): void {
    const told = this.find(about);
    told.kernel = kernel;
    told.heard = true;
    told.silent = false;
    change(told.run);
    this.pass(told);
  }

  private pass({ run, kernel, followers }: Told): void {
    followers.forEach((follower) => follower());
    if (kernel !== null) {
      this.watchers.forEach((watcher) => watcher(run.id, kernel));
    }
  }

  private find(about: Json): Told {
    const id = text(about["id"]) ?? "";
    const known = this.runs.get(id);
    if (known !== undefined) {
      return known;
    }
    const run = new LiveRun({ schema: SCHEMA, id, status: "running" });
    const told: Told = { run, kernel: null, heard: false, silent: false, followers: new Set() };
    this.runs.set(id, told);
    for (const [old, { followers }] of this.runs) {
      if (this.runs.size > MOST_RUNS && followers.size === 0 && old !== id) {
        this.runs.delete(old);
      }
    }
    return told;
  }
}

/** The one of this page. */
export const hub = new Hub();
