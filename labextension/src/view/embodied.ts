/** What a record says of the making of its devices; the same as in `views/embodied.py`. */

import { number, text, type Json } from "../json.js";
import { trans } from "../language.js";
import { times } from "../record/devices.js";
import type { RunRecord } from "../record/record.js";
import { interval, mass, UNKNOWN, written } from "../record/units.js";

/** On whose figures the embodied part rests, or why it is not in the total. */
export function basis({ embodied, embodiedG, emissionsG }: RunRecord): string {
  if (embodiedG === null) {
    return emissionsG === null
      ? trans.__("not known, and not in the total")
      : trans.__("not in the total");
  }
  return (
    embodied.map(charged).join(". ") ||
    trans.__("the devices' manufacturing, shared over their lifetime by the time used")
  );
}

/** The product, its figure with the range, lifetime, boundary and source. */
function charged(charge: Json): string {
  const said = (key: string): string => text(charge[key]) ?? UNKNOWN;
  const figure = (key: string): ReturnType<typeof mass> => {
    const kg = number(charge[`${key}_kgco2e`]);
    return mass(kg && kg * 1000);
  };
  const range = interval(figure("low"), figure("high"));
  const count = number(charge["count"]) ?? 1;
  return trans.__(
    "%1: %2, %3, lifetime %4 yr; %5; source: %6",
    times(count, said("device")),
    said("product"),
    written(figure("product")) + (range === UNKNOWN ? "" : ` (${range})`),
    number(charge["lifetime_years"]) ?? UNKNOWN,
    said("boundary"),
    said("source"),
  );
}
