/** Shows run records in notebooks and opens exported ones (`*.ocarbon.json`). */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";

import { hub } from "./live/hub.js";
import { isObject, type Json } from "./json.js";
import { MIME_TYPE } from "./record/record.js";
import { View } from "./view/view.js";

/** Before the widget renderer (−10), so that a saved record wins over a widget without kernel. */
const RANK = -20;

const FILE_TYPE = "ocarbon-run";

class RunRenderer extends Widget implements IRenderMime.IRenderer {
  private record: Json = {};
  private leave: (() => void) | null = null;
  private readonly view: View;

  constructor() {
    super();
    const { node } = this;
    const interrupt = (): (() => void) | undefined => hub.interrupt(this.record);
    this.view = new View(node, {
      get interrupt() {
        return interrupt();
      },
    });
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.leave?.();
    this.leave = null;
    const record = model.data[MIME_TYPE];
    if (!isObject(record) || record["status"] !== "running") {
      this.view.draw(record);
      return;
    }
    this.record = record;
    const draw = (): void => this.view.draw(hub.record(record));
    this.leave = hub.follow(record, draw);
    draw();
  }

  override dispose(): void {
    this.leave?.();
    this.view.dispose();
    super.dispose();
  }
}

const extension: IRenderMime.IExtension = {
  id: "ocarbon-magic:run",
  description: "Shows the run records of ocarbon_magic.",
  rendererFactory: {
    safe: true,
    mimeTypes: [MIME_TYPE],
    createRenderer: () => new RunRenderer(),
  },
  rank: RANK,
  dataType: "json",
  fileTypes: [
    {
      name: FILE_TYPE,
      displayName: "Carbon Run",
      extensions: [".ocarbon.json"],
      mimeTypes: [MIME_TYPE],
      fileFormat: "text",
    },
  ],
  documentWidgetFactoryOptions: {
    name: "Carbon Run",
    primaryFileType: FILE_TYPE,
    fileTypes: [FILE_TYPE],
    defaultFor: [FILE_TYPE],
  },
};

export default extension;
