/**
 * The same work elsewhere: lists of zones, devices and hours, a PUE, and what they come to.
 * Its elements are made once and kept, so that no redraw disturbs who is choosing.
 */

import { trans } from "../language.js";
import type { RunRecord } from "../record/record.js";
import { given } from "../record/units.js";
import * as words from "../record/words.js";
import { devices, hours, whatIf, whyNot, zones } from "../whatif/whatif.js";
import type { Choice, Option } from "../whatif/whatif.js";
import * as choices from "./choices.js";
import { adoptChildren, html, OWN_INSIDE, OWN_KEYS, update } from "./dom.js";
import { OptionList } from "./optionlist.js";
import { outcomeLine, outcomeNotes } from "./outcome.js";

const LABELS: Record<choices.Field, () => string> = {
  zone: () => trans.__("Zone"),
  device: () => trans.__("Device"),
  hour: () => trans._p("hour of the day", "Start"),
  pue: () => trans.__("PUE"),
};

const OPTIONS: Record<choices.ListField, (record: RunRecord, choice: Choice) => Option[]> = {
  zone: zones,
  device: devices,
  hour: hours,
};

/** Ids are the page's, and it may hold many panels. */
let made = 0;

/** Where the line stands in a drawing; nothing where there is nothing to compare. */
export function elsewherePlace(record: RunRecord): HTMLElement[] {
  return whatIf(record, choices.AS_IT_WAS) === null
    ? []
    : [html("div", { class: "ocarbon-elsewhere", ...OWN_INSIDE })];
}

function labelled(field: choices.Field, control: HTMLElement): HTMLElement {
  const label = html("label", { class: "ocarbon-muted", for: control.id });
  return html("div", { class: `ocarbon-control ocarbon-control-${field}` }, label, control);
}

export class Elsewhere {
  private choice: Choice = choices.AS_IT_WAS;
  private record: RunRecord | null = null;
  private readonly id = `ocarbon-elsewhere-${(made += 1)}`;
  private readonly lists = {
    zone: new OptionList(`${this.id}-zone`),
    device: new OptionList(`${this.id}-device`),
    hour: new OptionList(`${this.id}-hour`),
  };
  private readonly pue = html("input", {
    id: `${this.id}-pue`,
    class: "ocarbon-input",
    type: "number",
    inputmode: "decimal",
    min: String(choices.LEAST_PUE),
    step: "0.01",
    "aria-describedby": `${this.id}-remark`,
    ...OWN_KEYS,
  });
  private readonly reset = html(
    "button",
    { type: "button", class: "ocarbon-button ocarbon-reset", ...OWN_KEYS },
  );
  private readonly remark = html("div", {
    id: `${this.id}-remark`,
    class: "ocarbon-remark",
    role: "alert",
  });
  private readonly output = html("output", { class: "ocarbon-outcome" });
  private readonly notes = html("ul", { class: "ocarbon-notes" });
  private readonly title = html("strong");
  private readonly invitation = html("span", { class: "ocarbon-muted" });
  private readonly controls = html(
    "div",
    { class: "ocarbon-controls", role: "group" },
    html("div", { class: "ocarbon-elsewhere-title" }, this.title, this.invitation),
    ...choices.LISTS.map((field) => labelled(field, this.lists[field].element)),
    labelled("pue", this.pue),
    this.reset,
  );

  constructor() {
    this.name();
  }

  /** Put everything into another language; what the reader chose stays. */
  renew(): void {
    this.name();
    for (const field of choices.LISTS) {
      if (this.record !== null && this.lists[field].isFilled) {
        this.lists[field].fill(OPTIONS[field](this.record, this.choice));
      }
    }
    this.complain(this.remark.textContent !== "");
  }

  /** Bring the line up to date with `record`, in `place`. */
  draw(place: Element, record: RunRecord): void {
    this.record = record;
    if (this.controls.parentElement !== place) {
      place.replaceChildren(this.controls, this.remark, this.output, this.notes);
    }
    // Changes that nobody asked for are not read out; the announcements tell of the run.
    update(this.output, { "aria-live": "off" });
    this.show(record);
  }

  /** The reader comes to a list: give it its options, too many for lists that nobody opens. */
  visit(target: EventTarget | null): void {
    const field = this.listOf(target);
    if (field !== undefined && this.record !== null) {
      this.lists[field].fill(OPTIONS[field](this.record, this.choice));
    }
  }

  /** The reader chose from a list, or typed; what may be half typed is not remarked on. */
  change(target: EventTarget | null, done: boolean): void {
    const field = this.listOf(target);
    if (field !== undefined) {
      this.choose(choices.chosen(this.choice, field, this.lists[field].element.value));
    } else if (target === this.pue) {
      const pue = choices.readPue(this.pue);
      this.complain(pue === undefined && done);
      this.choose({ ...this.choice, pue: pue ?? null });
    }
  }

  /** The reader leaves; what is no number has not been called a change by the browser. */
  leave(target: EventTarget | null): void {
    if (target === this.pue && this.pue.validity.badInput) {
      this.change(target, true);
    }
  }

  /** The reader pressed something; take all choices back if it was the button for that. */
  press(target: Node): void {
    if (!this.reset.contains(target)) {
      return;
    }
    this.pue.value = "";
    this.complain(false);
    const controls = [...choices.LISTS.map((field) => this.lists[field].element), this.pue];
    controls.find(({ disabled }) => !disabled)?.focus();
    this.choose(choices.AS_IT_WAS);
  }

  private name(): void {
    this.title.textContent = trans.__("Elsewhere");
    this.invitation.textContent = trans.__("the same work with");
    this.reset.textContent = trans.__("Reset");
    update(this.controls, { "aria-label": trans.__("Elsewhere, the same work with") });
    for (const field of [...choices.LISTS, "pue"] as const) {
      const control = field === "pue" ? this.pue : this.lists[field].element;
      const label = control.parentElement?.querySelector("label");
      label?.replaceChildren(LABELS[field]());
    }
  }

  private listOf(target: EventTarget | null): choices.ListField | undefined {
    return choices.LISTS.find((field) => this.lists[field].element === target);
  }

  private choose(choice: Choice): void {
    if (this.record === null) {
      return;
    }
    this.choice = choice;
    if (this.lists.hour.isFilled) {
      this.lists.hour.fill(hours(this.record, choice));
    }
    update(this.output, { "aria-live": "polite" });
    this.show(this.record);
  }

  private show(record: RunRecord): void {
    const reasons = whyNot(record, this.choice);
    for (const field of choices.LISTS) {
      const reason = reasons[field];
      const value = reason === undefined ? choices.shown(this.choice, field) : "";
      const isThere = this.lists[field].show(words.ownChoice(record, field), value, reason);
      if (value === "" || !isThere) {
        this.choice = { ...this.choice, [field]: null };
      }
    }
    update(this.pue, { placeholder: record.pue === null ? null : given(record.pue) });
    const untouched = choices.isAsItWas(this.choice);
    const nothingToReset = untouched && this.remark.textContent === "";
    update(this.reset, { hidden: nothingToReset ? "" : null });
    const outcome = untouched ? null : whatIf(record, this.choice);
    const line = untouched ? [] : outcomeLine(record, outcome);
    adoptChildren(this.output, html("output", {}, ...line));
    const notes = untouched ? [] : outcomeNotes(outcome, reasons);
    adoptChildren(this.notes, html("ul", {}, ...notes));
  }

  private complain(wrong: boolean): void {
    update(this.pue, { "aria-invalid": wrong ? "true" : null });
    this.remark.textContent = wrong
      ? trans.__("PUE must be a number of at least %1.", choices.LEAST_PUE)
      : "";
  }
}
