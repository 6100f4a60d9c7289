/** The notebooks that are open in this page, with their runs: what all parts of ours look at. */

import type {
  CellModel,
  INotebookTracker,
  Message,
  NotebookPanel,
  SessionContext,
} from "@jupyterlab/notebook";

import { isObject, object, text } from "../json.js";
import { hub } from "../live/hub.js";
import { MIME_TYPE } from "../record/record.js";
import { catchUp } from "./catchup.js";
import { NotebookRuns } from "./notebookruns.js";

/** Statuses of a kernel whose runs will not be heard of again. */
const GONE: readonly string[] = ["restarting", "autorestarting", "terminating", "dead"];

const OUTPUTS: readonly string[] = ["display_data", "update_display_data"];

type RunsListener = (notebook: NotebookRuns) => void;
type CellListener = (notebook: NotebookRuns, cell: CellModel) => void;

export class OpenNotebooks {
  private readonly notebooks = new Map<NotebookPanel, NotebookRuns>();
  private readonly runsListeners = new Set<RunsListener>();
  private readonly cellListeners = new Set<CellListener>();

  constructor(private readonly tracker: INotebookTracker) {
    tracker.forEach((panel) => this.open(panel));
    tracker.widgetAdded.connect((_, panel) => this.open(panel));
    hub.watch((id, kernel) => this.of(id, kernel.id)?.hear(id));
  }

  /** The notebook being looked at. */
  get current(): NotebookRuns | null {
    const panel = this.tracker.currentWidget;
    return panel === null ? null : (this.notebooks.get(panel) ?? null);
  }

  all(): NotebookRuns[] {
    return [...this.notebooks.values()];
  }

  /** Hear of notebooks whose list of runs, or whose being open, may be new. */
  onRuns(listener: RunsListener): void {
    this.runsListeners.add(listener);
  }

  /** Hear of cells of which something may be new that bears on their runs. */
  onCell(listener: CellListener): void {
    this.cellListeners.add(listener);
  }

  /** The notebook that a run belongs to: a kernel may serve several. */
  private of(id: string, kernelId: string): NotebookRuns | undefined {
    const served = this.all().filter(
      ({ panel }) => panel.sessionContext.session?.kernel?.id === kernelId,
    );
    const record = hub.record({ id });
    return (
      this.all().find((notebook) => notebook.find(id) !== undefined) ??
      served.find((notebook) => notebook.cellOf(record) !== undefined) ??
      served[0]
    );
  }

  private open(panel: NotebookPanel): void {
    const notebook = new NotebookRuns(panel, {
      runs: (changed) => this.runsListeners.forEach((listener) => listener(changed)),
      cell: (changed, cell) => this.cellListeners.forEach((listener) => listener(changed, cell)),
    });
    this.notebooks.set(panel, notebook);
    panel.disposed.connect(() => {
      this.notebooks.delete(panel);
      this.runsListeners.forEach((listener) => listener(notebook));
    });
    listen(notebook, panel.sessionContext);
    void keepUp(notebook);
  }
}

function listen(notebook: NotebookRuns, context: SessionContext): void {
  // The kernel's id is remembered, because a session that has lost its kernel has none.
  let last: string | undefined;
  context.iopubMessage.connect((_, message) => {
    const kernel = context.session?.kernel;
    if (!kernel) {
      return;
    }
    if (message.header.msg_type === "comm_msg" && hub.hear(message.content.data, kernel)) {
      last = kernel.id;
    } else if (OUTPUTS.includes(message.header.msg_type)) {
      see(notebook, message);
    }
  });
  context.statusChanged.connect((_, status) => {
    if (last !== undefined && GONE.includes(status)) {
      hub.lose(last);
    }
  });
}

/** Ask for what was missed before the page was there, and whenever the way was interrupted. */
async function keepUp(notebook: NotebookRuns): Promise<void> {
  const { context, sessionContext } = notebook.panel;
  await Promise.all([context.ready, sessionContext.ready]);
  sessionContext.connectionStatusChanged.connect((_, status) => {
    if (status === "connected") {
      void catchUp(notebook);
    }
  });
  await catchUp(notebook);
}

function see(notebook: NotebookRuns, { header, content }: Message): void {
  const data = object(content.data);
  const record = data[MIME_TYPE];
  const display = text(object(content.transient)["display_id"]) ?? "";
  if (isObject(record) && display === `ocarbon-${String(record["id"])}`) {
    const bundle = { data, metadata: object(content.metadata) };
    notebook.seeOutput(record, bundle, header.msg_type === "display_data");
  }
}

