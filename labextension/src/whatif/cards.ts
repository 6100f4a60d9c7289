/** Graphics processors that the run's own can be set beside, found by the name drivers report. */

import * as json from "../json.js";
import { trans } from "../language.js";
import { devicesIn } from "../record/devices.js";
import type { Device, RunRecord } from "../record/record.js";
import type { Card } from "./arithmetic.js";
import { quantity } from "./basis.js";
import type { Option } from "./choice.js";
import { number, parts, product, rows, text, type Product, type Row } from "./tables.js";

export interface NamedCard extends Card {
  name: string;
  aliases: string[];
  vendor: string;
  deviceClass: string;
  memoryGb: number | null;
  /** The product whose embodied figure is charged, and that figure over its lifetime. */
  product: Product;
}

/** The run's own graphics processors: all of one kind. */
export interface OwnCards {
  card: NamedCard;
  count: number;
  /** Their share of the energy, 0 to 1. */
  share: number;
  /** The share of the time in which they worked; 1 where that is not known. */
  busy: number;
  /** The embodied figure that one of them is charged, over its lifetime. */
  kgPerYear: number;
}

/** What cards of a maker and class stand under. */
function groupOf({ vendor, deviceClass }: NamedCard): string {
  switch (deviceClass) {
    case "datacenter":
      return trans.__("%1 data centre", vendor);
    case "workstation":
      return trans.__("%1 workstation", vendor);
    case "consumer":
      return trans.__("%1 consumer", vendor);
    default:
      return vendor;
  }
}

function named(row: Row): NamedCard {
  return {
    name: text(row, "name"),
    aliases: parts(row, "aliases"),
    vendor: text(row, "vendor"),
    deviceClass: text(row, "device_class"),
    tdpW: number(row, "tdp_w") ?? NaN,
    fp32Tflops: number(row, "fp32_tflops") ?? NaN,
    matrixTflops: number(row, "matrix_tflops"),
    bandwidthGbPerS: number(row, "memory_bandwidth_gb_per_s") ?? NaN,
    memoryGb: number(row, "memory_gb"),
    product: product(row),
  };
}

/** A name without case, marks and the maker's prefixes, as `hardware/accelerators.py` has it. */
function key(name: string): string {
  const plain = name.toLowerCase().replaceAll(/\((?:r|tm)\)/g, "").trim();
  return plain.replaceAll(/\s+/g, " ").replace(/^(?:nvidia )?(?:geforce )?/, "");
}

let listed: readonly NamedCard[] | null = null;
let keyed: ReadonlyMap<string, NamedCard> | null = null;

/** All cards, in the order of the table: of each maker and class the oldest first. */
function cards(): readonly NamedCard[] {
  listed ??= rows("accelerators").map(named);
  return listed;
}

function byKey(): ReadonlyMap<string, NamedCard> {
  keyed ??= new Map(
    cards().flatMap((card) => [card.name, ...card.aliases].map((name) => [key(name), card])),
  );
  return keyed;
}

/** The card of that name or alias, if its peak, bandwidth and power limit are known. */
export function findCard(name: string): NamedCard | undefined {
  return byKey().get(key(name));
}

/** The run's graphics processors, or why what they did says nothing of others. */
export function ownCards(record: RunRecord): OwnCards | string {
  const own = record.devices.filter(({ kind }) => kind === "gpu");
  const [first] = own;
  if (first === undefined) {
    return trans.__("The run used no GPU, and the pace of a processor says nothing of another's.");
  }
  const card = findCard(first.name);
  if (own.some(({ name }) => findCard(name) !== card || (!card && name !== first.name))) {
    return trans.__(
      "The run used GPUs of several kinds, and which did how much of the work is not known.",
    );
  }
  if (record.warnings.some((line) => line.includes("split into MIG instances"))) {
    return trans.__(
      "The run used a part of a GPU (MIG), and the pace of a part says nothing of a whole.",
    );
  }
  if (card === undefined) {
    return trans.__(
      "The peak, the memory bandwidth or the power limit of %1 is not known.",
      first.name,
    );
  }
  const energiesJ = own.map(({ energyJ }) => quantity(energyJ));
  const othersJ = record.devices
    .filter(({ kind }) => kind !== "gpu")
    .reduce((sum, { energyJ }) => sum + (quantity(energyJ) ?? 0), 0);
  const cardsJ = energiesJ.reduce<number>((sum, energyJ) => sum + (energyJ ?? NaN), 0);
  const share = cardsJ / (cardsJ + othersJ);
  return Number.isNaN(share)
    ? trans.__("The energy of a GPU of the run is not known.")
    : {
        ...{ card, count: devicesIn(own), share, busy: busyShare(own) },
        kgPerYear: charged(record, card, first),
      };
}

/** The mean over the cards, if all of them tell it; else all of the time. */
function busyShare(own: readonly Device[]): number {
  const shares = own.map((device) => quantity(device.busyShare) ?? 2);
  return Math.max(...shares) <= 1
    ? shares.reduce((sum, share, row) => sum + share * (own[row]?.count ?? 1), 0) / devicesIn(own)
    : 1;
}

/** What a year of one of them was charged, else what its product is. */
function charged({ embodied }: RunRecord, { product }: NamedCard, { name }: Device): number {
  const charge = embodied.find(({ device }) => device === name) ?? {};
  const kg = quantity(json.number(charge["product_kgco2e"]));
  const years = quantity(json.number(charge["lifetime_years"]));
  return kg === null || !years ? product.kgPerYear : kg / years;
}

/** The cards that can stand in for the run's: the newest first in each group. */
export function otherCards({ card: own }: OwnCards): Option[] {
  const others = cards().filter((card) => card !== own).toReversed();
  const groups = new Set(cards().map(groupOf));
  return [...groups].flatMap((group) =>
    others
      .filter((card) => groupOf(card) === group)
      .map(({ name }) => ({ value: name, label: name, group })),
  );
}
