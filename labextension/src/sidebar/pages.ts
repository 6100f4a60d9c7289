/** What the pages that are come to from the list have in common. */

import { trans } from "../language.js";
import { html, OWN_KEYS, svg } from "../view/dom.js";

function chevron(): SVGElement {
  const about = { class: "ocarbon-icon", viewBox: "0 0 16 16", "aria-hidden": "true" };
  return svg("svg", about, svg("path", { d: "M10 3.5L5.5 8l4.5 4.5" }));
}

export function actionButton(action: string, label: string, look = ""): HTMLElement {
  const about = { type: "button", class: `ocarbon-button ${look}`.trimEnd(), "data-do": action };
  return html("button", { ...about, ...OWN_KEYS }, label);
}

/** The way back, and what the page is about; the heading takes the focus when the page opens. */
export function pageHead(heading: string): HTMLElement[] {
  const back = html(
    "button",
    { type: "button", class: "ocarbon-button ocarbon-back", "data-do": "back", ...OWN_KEYS },
    chevron(),
    html("span", {}, trans._p("back to the list", "Runs")),
  );
  const title = { class: "ocarbon-title", tabindex: "-1" };
  return [back, html("h2", title, heading)];
}
