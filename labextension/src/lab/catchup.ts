/** Asks a kernel for what this page has missed; its answer comes as its own messages do. */

import { text } from "../json.js";
import { isRunning } from "./outputs.js";
import type { NotebookRuns } from "./notebookruns.js";

/** As the kernel calls it. */
const TARGET = "ocarbon";

/** Ask, if the kernel knows us; a busy one answers when it can, and nobody waits for it. */
export async function catchUp(notebook: NotebookRuns): Promise<void> {
  const kernel = notebook.panel.sessionContext.session?.kernel;
  if (!kernel || !notebook.isMeasured()) {
    return;
  }
  try {
    const { content } = await kernel.requestCommInfo({ target_name: TARGET });
    if (Object.keys(content.comms ?? {}).length === 0) {
      return; // a kernel that has not loaded us would complain of the question
    }
    const ids = (running: boolean): string[] =>
      notebook
        .all()
        .filter((record) => isRunning(record) === running)
        .flatMap((record) => text(record["id"]) ?? []);
    kernel.createComm(TARGET).open({ open: ids(true), ended: ids(false) });
  } catch {
    // A kernel that goes in the meantime has nothing more to tell.
  }
}
