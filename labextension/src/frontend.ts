/** All that JupyterLab and Notebook load of ours, as one module, which packs best. */

// Module by module the tables first (see rspack.config.cjs), then the rooms from the ground up:
// what is alike packs best where it stands close together.
import "./whatif/tables.generated.js";
import "./whatif/whatif.js";
import "./view/view.js";
import "./sidebar/sidebar.js";
import "./lab/commands.js";

export { default as plugin } from "./plugin.js";
export { default as renderer } from "./mime.js";

import style from "./lab.raw.css";

const element = document.createElement("style");
element.textContent = style;
document.head.append(element);
