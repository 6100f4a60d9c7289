/** All that JupyterLab and Notebook load of ours, as one module, which packs best. */

import "./whatif/tables.generated.js"; // the first of all code: see rspack.config.cjs

export { default as plugin } from "./plugin.js";
export { default as renderer } from "./mime.js";
