/** The generated tables as rows; what a table holds is written in `tables.mjs`. */

import { products, sources, tables } from "./tables.generated.js";

/** A row by column; a column that the table lacks is blank. */
export type Row = Readonly<Record<string, string>>;

type Name = keyof typeof tables;

const read = new Map<Name, readonly Row[]>();

/** The rows of a table, read at first use. */
export function rows(name: Name): readonly Row[] {
  const known = read.get(name);
  if (known !== undefined) {
    return known;
  }
  const columns = tables[name].split("\n").map((line) => line.split("\t"));
  const count = (columns[0]?.length ?? 1) - 1;
  const made = Array.from({ length: count }, (_, index) =>
    Object.fromEntries(columns.map(([column = "", ...cells]) => [column, cells[index] ?? ""])),
  );
  read.set(name, made);
  return made;
}

export function text(row: Row, column: string): string {
  return row[column] ?? "";
}

/** The number in a cell; null where it is blank. */
export function number(row: Row, column: string): number | null {
  const cell = text(row, column);
  return cell === "" ? null : Number(cell);
}

/** The entries of a cell that holds several. */
export function parts(row: Row, column: string): string[] {
  const cell = text(row, column);
  return cell === "" ? [] : cell.split("|");
}

/** Who published the figure of a row. */
export function source(row: Row): string {
  return sources[number(row, "source") ?? -1] ?? "";
}

export interface Product {
  name: string;
  kgPerYear: number;
}

/** The product whose embodied figure a row has, and that figure over its lifetime. */
export function product(row: Row): Product {
  const [name = "", kgPerYear] = (products[number(row, "product") ?? -1] ?? "").split("\t");
  return { name, kgPerYear: Number(kgPerYear) };
}
