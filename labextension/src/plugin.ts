/** What JupyterLab and Notebook load: each part of ours, where what it needs is there. */

import { ILayoutRestorer, type JupyterFrontEnd } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";
import { ITranslator } from "@jupyterlab/translation";

import { hub } from "./live/hub.js";
import { speak, trans } from "./language.js";
import { Badges } from "./lab/badges.js";
import { addCommands, COMMANDS, copyReport } from "./lab/commands.js";
import { OpenNotebooks } from "./lab/opennotebooks.js";
import { OptionsInUse } from "./lab/options.js";
import { OtherPages } from "./lab/otherpages.js";
import { reveal } from "./lab/reveal.js";
import { download } from "./lab/runfile.js";
import { SIDEBAR_ID, SidebarPanel } from "./lab/sidebarpanel.js";
import { StatusItem } from "./lab/statusitem.js";

const ID = "ocarbon-magic:plugin";

/** After what JupyterLab itself has in its right sidebar. */
const SIDEBAR_RANK = 900;
const STATUS_RANK = 20;

function activate(
  app: JupyterFrontEnd,
  translator: ITranslator | null,
  tracker: INotebookTracker | null,
  registry: ISettingRegistry | null,
  palette: ICommandPalette | null,
  statusBar: IStatusBar | null,
  restorer: ILayoutRestorer | null,
): void {
  if (translator !== null) {
    speak(translator.load("ocarbon_magic"));
  }
  if (tracker === null) {
    return;
  }
  const options = new OptionsInUse();
  const notebooks = new OpenNotebooks(tracker);
  const others = new OtherPages(app.serviceManager.serverSettings.baseUrl, notebooks);
  const sidebar = new SidebarPanel(notebooks, others, {
    reveal: ({ record }) => reveal(app, notebooks, record),
    interrupt: ({ record }) => hub.interrupt(record),
    copyReport: ({ record }) => copyReport(record),
    download: ({ record }) => download(record),
  });
  app.shell.add(sidebar, "right", { rank: SIDEBAR_RANK, type: "Carbon" });
  restorer?.add(sidebar, SIDEBAR_ID);
  const show = (run?: string): void => {
    app.shell.activateById(SIDEBAR_ID);
    if (run !== undefined) {
      sidebar.open(run);
    }
  };

  const badges = new Badges(notebooks, (_, run) => show(run));
  const status = new StatusItem(notebooks, () => show());
  statusBar?.registerStatusItem(ID, { item: status, align: "left", rank: STATUS_RANK });
  tracker.currentChanged.connect(() => {
    status.update();
    sidebar.update();
  });

  addCommands(app, { tracker, notebooks, options, show });
  for (const command of Object.values(COMMANDS)) {
    palette?.addItem({ command, category: trans.__("Carbon") });
  }

  options.onChange(() => {
    badges.show(options.present.badge);
    status.allow(options.present.statusBar);
  });
  if (registry !== null) {
    options.follow(registry, ID).catch((error: unknown) => {
      console.warn("ocarbon-magic: the settings could not be read, the defaults hold", error);
    });
  }
}

const plugin = {
  id: ID,
  description: "Shows what the cells measured with %%carbon emit.",
  autoStart: true,
  optional: [
    ITranslator,
    INotebookTracker,
    ISettingRegistry,
    ICommandPalette,
    IStatusBar,
    ILayoutRestorer,
  ],
  activate,
};

export default plugin;
