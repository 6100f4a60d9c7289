/** Shows the cell that made a run. */

import type { JupyterFrontEnd } from "@jupyterlab/application";

import type { Json } from "../json.js";
import type { OpenNotebooks } from "./opennotebooks.js";

export function reveal(app: JupyterFrontEnd, notebooks: OpenNotebooks, record: Json): void {
  for (const notebook of notebooks.all()) {
    const { panel } = notebook;
    const cell = notebook.find(String(record["id"])) && notebook.cellOf(record);
    const index = panel.content.widgets.findIndex(({ model }) => model === cell);
    if (cell !== undefined && index >= 0) {
      app.shell.activateById(panel.id);
      panel.content.activeCellIndex = index;
      void panel.content.scrollToItem(index, "start");
      return;
    }
  }
}
