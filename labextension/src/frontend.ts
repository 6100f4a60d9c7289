/** All that JupyterLab and Notebook load of ours, as one module, which packs best. */

export { default as plugin } from "./plugin.js";
export { default as renderer } from "./mime.js";
