/** What the reader prefers in every view of the page; knows no Jupyter. */

import { listen, tell } from "./listeners.js";

/** The units that quantities are written in; "auto" is the one that fits each. */
export interface Preferences {
  mass: "auto" | "mg" | "g" | "kg" | "t";
  energy: "auto" | "Wh" | "kWh" | "MWh";
}

let present: Readonly<Preferences> = { mass: "auto", energy: "auto" };

export function preferences(): Readonly<Preferences> {
  return present;
}

/** From now on; what is not named stays as it is. */
export function prefer(changes: Partial<Preferences>): void {
  const wanted = { ...present, ...changes };
  if (wanted.mass !== present.mass || wanted.energy !== present.energy) {
    present = wanted;
    tell();
  }
}

/** Call `listener` when the preferences change, or the language; returns how to stop that. */
export const onPreferences: (listener: () => void) => () => void = listen;
