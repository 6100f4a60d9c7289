/** What can be asked of us in the command palette and in the menu of a cell. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Clipboard, Dialog, Notification, showDialog } from "@jupyterlab/apputils";
import {
  NotebookActions,
  type CellModel,
  type INotebookTracker,
  type NotebookPanel,
} from "@jupyterlab/notebook";

import { text, type Json } from "../json.js";
import { trans } from "../language.js";
import { readRecord, type RunRecord } from "../record/record.js";
import { markOf } from "./cellmark.js";
import { EstimateForm, type Probe } from "./estimateform.js";
import { isMeasuring, isPython, loadAbove, loadNow, toggle } from "./measure.js";
import type { OpenNotebooks } from "./opennotebooks.js";
import type { OptionsInUse } from "./options.js";
import { report } from "./report.js";

export const COMMANDS = {
  measure: "ocarbon:measure-cell",
  estimate: "ocarbon:estimate",
  show: "ocarbon:show-panel",
  copy: "ocarbon:copy-report",
} as const;

/** How long a notification is seen; JupyterLab shows none at all without being told. */
const SHOWN_MS = 5000;

interface Parts {
  tracker: INotebookTracker;
  notebooks: OpenNotebooks;
  options: OptionsInUse;
  /** Show the sidebar, and the run there if it is named. */
  show: (run?: string) => void;
}

/** Copy the report of a run, and say so. */
export function copyReport(record: Json): void {
  const read = readRecord(record);
  if (read !== null) {
    Clipboard.copyToSystem(report(read));
    Notification.info(trans.__("The report of %1 is in the clipboard.", read.name), {
      autoClose: SHOWN_MS,
    });
  }
}

export function addCommands({ commands }: JupyterFrontEnd, parts: Parts): void {
  const { tracker, notebooks, options, show } = parts;
  const selected = (): CellModel[] => selectedCells(tracker);
  const isCode = (): boolean => selected().length > 0;

  commands.addCommand(COMMANDS.measure, {
    label: () => trans.__("Measure This Cell"),
    caption: () => trans.__("Add %%%%carbon to the cell, or take it away"),
    isEnabled: () => isCode() && tracker.currentWidget !== null && isPython(tracker.currentWidget),
    isToggled: () => isCode() && selected().every(isMeasuring),
    execute: () => measure(tracker.currentWidget, selected(), options.present.zone),
  });
  commands.addCommand(COMMANDS.estimate, {
    label: () => trans.__("Estimate Before Running\u2026"),
    caption: () => trans.__("What a planned training will emit"),
    isEnabled: () => tracker.currentWidget !== null && isPython(tracker.currentWidget),
    execute: () => estimate(tracker.currentWidget, options.present.zone, probe()),
  });
  commands.addCommand(COMMANDS.show, {
    label: () => trans.__("Show Carbon Panel"),
    caption: () => trans.__("The runs of the open notebooks"),
    execute: () => show(runOf(notebooks, tracker)),
  });
  commands.addCommand(COMMANDS.copy, {
    label: () => trans.__("Copy Carbon Report"),
    caption: () => trans.__("Copy what the last run of the cell emitted, as text"),
    isEnabled: () => record() !== undefined,
    execute: () => {
      const found = record();
      if (found !== undefined) {
        copyReport(found);
      }
    },
  });
  for (const signal of [tracker.currentChanged, tracker.activeCellChanged]) {
    (signal as typeof tracker.activeCellChanged).connect(() =>
      Object.values(COMMANDS).forEach((id) => commands.notifyCommandChanged(id)),
    );
  }

  function record(): Json | undefined {
    const { current } = notebooks;
    const run = runOf(notebooks, tracker);
    return run === undefined ? newest(current?.all() ?? []) : current?.find(run);
  }

  function probe(): Probe | null {
    const run = runOf(notebooks, tracker);
    const last = newest(notebooks.current?.all() ?? []);
    const read = last?.["id"] === run ? readRecord(last) : null;
    return read === null ? null : probeOf(read);
  }
}

function probeOf({ name, status, work }: RunRecord): Probe | null {
  return status === "running" || work.done === null ? null : { name, unit: work.unit ?? "" };
}

function newest(records: readonly Json[]): Json | undefined {
  const began = (record: Json): string => text(record["started_at"]) ?? "";
  return [...records].sort((one, other) => (began(one) < began(other) ? 1 : -1))[0];
}

/** The last run of the active cell, if it was measured. */
function runOf(notebooks: OpenNotebooks, { activeCell }: INotebookTracker): string | undefined {
  const mark = activeCell?.model.type === "code" ? markOf(activeCell.model) : null;
  return mark !== null && notebooks.current?.find(mark.run) !== undefined ? mark.run : undefined;
}

function selectedCells({ currentWidget }: INotebookTracker): CellModel[] {
  const notebook = currentWidget?.content;
  const cells = notebook?.widgets.filter((cell) => notebook.isSelectedOrActive(cell)) ?? [];
  return cells.map(({ model }) => model).filter(({ type }) => type === "code");
}

async function measure(
  panel: NotebookPanel | null,
  cells: CellModel[],
  zone: string,
): Promise<void> {
  if (panel === null || cells.length === 0 || !toggle(cells, zone)) {
    return;
  }
  const first = panel.content.widgets.findIndex(({ model }) => model === cells[0]);
  loadAbove(panel, first);
  const kernel = panel.sessionContext.session?.kernel;
  if (kernel && !(await loadNow(kernel).catch(() => true))) {
    Notification.warning(
      trans.__("This kernel lacks ocarbon_magic: run %pip install ocarbon_magic in a cell."),
      { autoClose: false },
    );
  }
}

async function estimate(
  panel: NotebookPanel | null,
  zone: string,
  probe: Probe | null,
): Promise<void> {
  const planned = panel?.content.activeCell?.model; // a dialog that closes moves the focus
  const { button, value } = await showDialog({
    title: trans.__("Estimate Before Running"),
    body: new EstimateForm(zone, probe),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__("Estimate") })],
    focusNodeSelector: "input",
  });
  if (panel === null || !button.accept) {
    return;
  }
  if (value === null) {
    Notification.warning(
      probe === null
        ? trans.__("An estimate needs parameters, tokens and a device.")
        : trans.__("An estimate needs the whole work."),
      { autoClose: SHOWN_MS },
    );
    return;
  }
  const { content, sessionContext } = panel;
  const index = Math.max(
    content.widgets.findIndex(({ model }) => model === planned),
    0,
  );
  content.model?.sharedModel.insertCell(index, {
    cell_type: "code",
    source: `%load_ext ocarbon_magic\n${value}`,
  });
  content.activeCellIndex = index;
  await NotebookActions.run(content, sessionContext);
}
