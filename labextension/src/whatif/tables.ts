/** The generated tables as rows; what a table holds is written in `tables.mjs`. */

import * as generated from "./tables.generated.js";

/** A row by column; a column that the table lacks is blank. */
export type Row = Readonly<Record<string, string>>;

type Name = Exclude<keyof typeof generated, "sources">;

const read = new Map<Name, readonly Row[]>();

/** The rows of a table, read at first use. */
export function rows(name: Name): readonly Row[] {
  const known = read.get(name);
  if (known !== undefined) {
    return known;
  }
  const [header = "", ...lines] = generated[name].split("\n");
  const columns = header.split("\t");
  const made = lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
  });
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
  return generated.sources[number(row, "source") ?? -1] ?? "";
}
