/** A list to choose from, filled when the reader comes to it, and left alone while it is true. */

import type { Option } from "../whatif/whatif.js";
import { html, OWN_KEYS, update } from "./dom.js";

/** Options of a group stand under one heading, where the first of them stood. */
function drawn(options: Option[]): HTMLElement[] {
  const found: HTMLElement[] = [];
  const headings = new Map<string, HTMLElement>();
  for (const { value, label, group } of options) {
    const option = html("option", { value }, label);
    const heading = group === undefined ? undefined : headings.get(group);
    if (heading !== undefined) {
      heading.append(option);
    } else if (group === undefined) {
      found.push(option);
    } else {
      const begun = html("optgroup", { label: group }, option);
      headings.set(group, begun);
      found.push(begun);
    }
  }
  return found;
}

export class OptionList {
  readonly element: HTMLSelectElement;
  /** What stands for the run's own. */
  private readonly own = html("option", { value: "" });
  private options: string | null = null;

  constructor(id: string) {
    this.element = html("select", { id, class: "ocarbon-input", ...OWN_KEYS }, this.own);
  }

  get isFilled(): boolean {
    return this.options !== null;
  }

  /** Offer `options` besides the run's own. */
  fill(options: Option[]): void {
    const identity = JSON.stringify(options);
    if (identity !== this.options) {
      this.options = identity;
      const { value } = this.element;
      this.element.replaceChildren(this.own, ...drawn(options));
      this.element.value = value;
    }
  }

  /**
   * Show `value`, "" for the run's own, which is called `own`; or why nothing can be chosen.
   * Returns false, and shows the run's own, where `value` is not on the list.
   */
  show(own: string, value: string, whyNot: string | undefined): boolean {
    if (this.own.textContent !== own) {
      this.own.textContent = own;
    }
    const disabled = whyNot === undefined ? null : "";
    update(this.element, { disabled, title: whyNot ?? null });
    this.element.value = value;
    const isThere = this.element.value === value;
    if (!isThere) {
      this.element.value = "";
    }
    return isThere;
  }
}
