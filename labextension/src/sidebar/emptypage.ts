/** What stands in place of a list without runs: the one line to type. */

import { trans } from "../language.js";
import { html } from "../view/dom.js";
import { adopt } from "./keyed.js";
import { actionButton } from "./pages.js";

const LOAD = "%load_ext ocarbon_magic";
const MEASURE = "%%carbon";

type Copied = "copied" | "selected";

function code(line: string, ...more: (Node | string)[]): HTMLElement {
  const text = html("span", { "data-code": "" }, line);
  return html("pre", { class: "ocarbon-code" }, html("code", {}, text, ...more));
}

function select(element: Element): void {
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.selectAllChildren(element);
}

export class EmptyPage {
  readonly element = html("div", { class: "ocarbon-page" });
  /** What became of the last press on each of the buttons. */
  private copied: (Copied | null)[] = [null, null];

  draw(): void {
    const comment = html("span", { class: "ocarbon-muted" }, trans.__("# your training"));
    const menu = trans.__(
      "“Measure This Cell” in the command palette or in the cell’s menu writes it for you.",
    );
    adopt(
      this.element,
      html(
        "div",
        { class: "ocarbon-body ocarbon-empty" },
        html("h3", { class: "ocarbon-heading" }, trans.__("Nothing measured yet")),
        html("p", {}, trans.__("Once in a notebook, load the extension:")),
        this.sample(0, code(LOAD)),
        html("p", {}, trans.__("Then begin a cell that trains with this line:")),
        this.sample(1, code(MEASURE, "\n", comment)),
        html("p", { class: "ocarbon-muted" }, menu),
      ),
    );
  }

  /** Copy the line beside a button, or else select it. */
  async copy(button: Element): Promise<void> {
    const samples = [...this.element.querySelectorAll(".ocarbon-sample")];
    const index = samples.findIndex((sample) => sample.contains(button));
    const text = samples[index]?.querySelector("[data-code]");
    if (text === null || text === undefined) {
      return;
    }
    let copied: Copied = "copied";
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
    } catch {
      select(text); // a page that may not write there, as over plain HTTP
      copied = "selected";
    }
    this.copied = this.copied.map((_, place) => (place === index ? copied : null));
    this.draw();
  }

  private sample(index: number, sample: HTMLElement): HTMLElement {
    const said = {
      copied: trans.__("Copied"),
      selected: trans.__("Selected, to be copied with the keyboard"),
    };
    const outcome = this.copied[index] ?? null;
    const status = { role: "status", class: "ocarbon-muted" };
    return html(
      "div",
      { class: "ocarbon-sample" },
      sample,
      actionButton("copy-code", trans.__("Copy")),
      html("span", status, outcome === null ? "" : said[outcome]),
    );
  }
}
