/** What the sidebar is given: the runs, and what their place can do with them. */

import type { Json } from "../json.js";

export interface Entry {
  /** As it stands, of schema ocarbon.run/1; the same object as long as nothing changed. */
  record: Json;
  /** The path of the notebook that it was run in. */
  notebook: string;
  /** Whether that is the notebook being looked at. */
  isCurrent: boolean;
  /** Whether its cell can be shown. */
  hasCell: boolean;
}

export interface Host {
  /** Show the cell of a run. */
  reveal(entry: Entry): void;
  /** What interrupts a run; undefined where nothing can. */
  interrupt(entry: Entry): (() => void) | undefined;
  copyReport(entry: Entry): void;
  /** Save as a file NAME.ocarbon.json. */
  download(entry: Entry): void;
}
