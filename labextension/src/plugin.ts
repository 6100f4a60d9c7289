/** Listens to the kernels of open notebooks, so that their runs are drawn while they go on. */

import { INotebookTracker, type NotebookPanel, type SessionContext } from "@jupyterlab/notebook";

import { hub } from "./live/hub.js";

/** Statuses of a kernel whose runs will not be heard of again. */
const GONE: readonly string[] = ["restarting", "autorestarting", "terminating", "dead"];

function listen({ sessionContext }: NotebookPanel): void {
  // The kernel's name is remembered, because a session that has lost its kernel has none.
  const kernels = new WeakMap<SessionContext, string>();
  sessionContext.iopubMessage.connect((context, message) => {
    const kernel = context.session?.kernel;
    if (kernel && message.header.msg_type === "comm_msg") {
      kernels.set(context, kernel.id);
      hub.hear(message.content.data, kernel);
    }
  });
  sessionContext.statusChanged.connect((context, status) => {
    const kernelId = kernels.get(context);
    if (kernelId !== undefined && GONE.includes(status)) {
      hub.lose(kernelId);
    }
  });
}

const plugin = {
  id: "ocarbon-magic:live",
  description: "Draws the runs of ocarbon_magic while they go on.",
  autoStart: true,
  optional: [INotebookTracker],
  activate: (_app: unknown, notebooks: INotebookTracker | null): void => {
    notebooks?.forEach(listen);
    notebooks?.widgetAdded.connect((_, panel) => listen(panel));
  },
};

export default plugin;
