/** Shows run records in notebooks and opens exported ones (`*.ocarbon.json`). */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";

import "../style/view.css";
import { MIME_TYPE } from "./view/record.js";
import { render } from "./view/view.js";

/** Before the widget renderer (−10), so that a saved record wins over a widget without kernel. */
const RANK = -20;

const FILE_TYPE = "ocarbon-run";

class RunRenderer extends Widget implements IRenderMime.IRenderer {
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    render(this.node, model.data[MIME_TYPE]);
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
