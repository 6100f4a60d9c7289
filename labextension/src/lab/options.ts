/** What the reader has set for us in the settings of JupyterLab. */

import type { ISettingRegistry, Settings } from "@jupyterlab/settingregistry";

import { prefer } from "../preferences.js";

export interface Options {
  /** The grid's zone that a measured line names; "" for none. */
  zone: string;
  badge: boolean;
  statusBar: boolean;
}

const DEFAULTS: Options = { zone: "", badge: true, statusBar: true };

/** What may stand on a line of options without quotation marks. */
const ZONE = /^[A-Za-z0-9:._-]+$/;

const MASSES = ["auto", "mg", "g", "kg", "t"] as const;
const ENERGIES = ["auto", "Wh", "kWh", "MWh"] as const;

function one<Choice extends string>(choices: readonly Choice[], value: unknown): Choice | undefined {
  return choices.find((choice) => choice === value);
}

export class OptionsInUse {
  present: Options = DEFAULTS;
  private readonly listeners = new Set<() => void>();

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Follow the settings of `plugin`, now and when they change. */
  async follow(registry: ISettingRegistry, plugin: string): Promise<void> {
    const settings = await registry.load(plugin);
    settings.changed.connect(() => this.take(settings));
    this.take(settings);
  }

  private take({ composite }: Settings): void {
    const { zone, badge, statusBar, massUnit, energyUnit } = composite;
    this.present = {
      zone: typeof zone === "string" && ZONE.test(zone) ? zone : DEFAULTS.zone,
      badge: badge !== false,
      statusBar: statusBar !== false,
    };
    prefer({
      mass: one(MASSES, massUnit) ?? "auto",
      energy: one(ENERGIES, energyUnit) ?? "auto",
    });
    this.listeners.forEach((listener) => listener());
  }
}
