/** The sign by which JupyterLab shows us: a leaf, in the colours of its other icons. */

import { LabIcon } from "@jupyterlab/ui-components";

const LEAF =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
  '<g class="jp-icon3" fill="none" stroke="#616161" stroke-width="2" stroke-linecap="round" ' +
  'stroke-linejoin="round"><path class="jp-icon-none" d="M5 15C4 8 9 4 20 4c0 11-4 16-11 15"/>' +
  '<path d="M4 20c2-5 5-8 10-10"/></g></svg>';

export const carbonIcon = new LabIcon({ name: "ocarbon:carbon", svgstr: LEAF });
