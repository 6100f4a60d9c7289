/** A run over time, gathered from the points that snapshots carry, newest and older ones mixed. */

import { list, number } from "../json.js";

/** Time, power, work and emissions. */
type Point = readonly (number | null)[];

/** Twice what the kernel keeps: older points that it has dropped are let go. */
const MOST_POINTS = 960;

export interface Series {
  t_s: (number | null)[];
  power_w: (number | null)[];
  work: (number | null)[];
  emissions_g: (number | null)[];
}

export class Points {
  private readonly points = new Map<number, Point>();
  private times: number[] = [];
  private stride = 1;

  /** Take in points; where the kernel has thinned out its own, these are thinned alike. */
  add(points: unknown, stride: number): void {
    while (this.stride < stride) {
      this.stride *= 2;
      this.thin();
    }
    for (const point of list(points).map((one) => list(one).map(number))) {
      const t = point[0];
      if (typeof t === "number") {
        this.points.set(t, point);
      }
    }
    this.times = [...this.points.keys()].sort((a, b) => a - b);
    if (this.times.length > MOST_POINTS) {
      this.thin();
    }
  }

  /** The series so far, ending in how it stands now. */
  series(now: Point): Series {
    const last = this.times.at(-1) ?? -Infinity;
    const all = this.times.map((t) => this.points.get(t) ?? []);
    if ((now[0] ?? -Infinity) > last) {
      all.push(now);
    }
    const column = (index: number): (number | null)[] => all.map((point) => point[index] ?? null);
    return { t_s: column(0), power_w: column(1), work: column(2), emissions_g: column(3) };
  }

  private thin(): void {
    for (const [index, t] of this.times.entries()) {
      if (index % 2 === 1) {
        this.points.delete(t);
      }
    }
    this.times = this.times.filter((_, index) => index % 2 === 0);
  }
}
