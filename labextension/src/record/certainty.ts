/** How sure an energy is. */

import type { Device } from "./record.js";

/**
 * What an energy may be off by, as a share of it. The devices' bounds are added as they are, not
 * in quadrature: sensors of one kind err the same way. NaN where a device was not read, or has
 * no bound.
 */
export function energyShare(devices: readonly Device[]): number {
  const energyJ = devices.reduce((sum, device) => sum + (device.energyJ ?? NaN), 0);
  const errorJ = devices.reduce(
    (sum, device) => sum + ((device.uncertaintyPct ?? NaN) * (device.energyJ ?? 0)) / 100,
    0,
  );
  return errorJ / energyJ;
}
