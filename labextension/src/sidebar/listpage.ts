/** The list of runs: by day where the newest come first, in one piece in another order. */

import { trans } from "../language.js";
import { arrange, html } from "../view/dom.js";
import { comparisonBar } from "./comparisonbar.js";
import { controls } from "./controls.js";
import { daysOf, dayTotals, type Day } from "./days.js";
import { adopt, keepingFocus } from "./keyed.js";
import { actionButton } from "./pages.js";
import { Row } from "./row.js";
import type { Run } from "./run.js";
import * as selecting from "./selection.js";
import { sums, wholes } from "./sums.js";
import { headingWithSums } from "./sumsview.js";

/** Some of the runs under one heading. */
interface Section {
  key: string;
  head: HTMLElement[];
  runs: Run[];
}

interface DrawnSection {
  element: HTMLElement;
  head: HTMLElement;
  list: HTMLElement;
}

function drawnSection(): DrawnSection {
  const head = html("div", { class: "ocarbon-sums" });
  const list = html("ul", { class: "ocarbon-list" });
  return { element: html("section", {}, head, list), head, list };
}

export class ListPage {
  readonly element: HTMLElement;
  private readonly selection: selecting.Selection = { words: "", scope: "all", order: "newest" };
  private readonly head = html("div", { class: "ocarbon-head" });
  private readonly above = html("div", { class: "ocarbon-above" });
  private readonly sections = html("div", { class: "ocarbon-sections" });
  private readonly body: HTMLElement;
  private readonly foot = html("div", { class: "ocarbon-foot" });
  private readonly rows = new Map<string, Row>();
  private readonly drawn = new Map<string, DrawnSection>();

  constructor() {
    this.body = html("div", { class: "ocarbon-body" }, this.above, this.sections);
    this.element = html("div", { class: "ocarbon-page" }, this.head, this.body, this.foot);
  }

  /** `chosen` are the keys of the runs to compare; `setting` changes how things are written. */
  draw(runs: readonly Run[], chosen: readonly string[], setting: unknown): void {
    const hasScopes = selecting.hasSeveralNotebooks(runs);
    const { words, scope, order } = this.selection;
    const inScope = runs.filter(
      ({ entry }) => !hasScopes || scope === "all" || entry.isCurrent,
    );
    const found = selecting.matching(inScope, words);
    const parts = wholes(found);
    const hasMetric = runs.some(({ record }) => record.metric !== null);
    const by = order === "metric" && !hasMetric ? "newest" : order;
    const offer = {
      ...{ hasScopes, hasMetric, shown: found.length, all: runs.length },
      isFiltered: words.trim() !== "",
    };
    adopt(this.head, ...controls(offer));
    this.setField("scope", scope);
    this.setField("order", by);
    const days = daysOf(found);
    adopt(this.above, ...this.overview(found, by, days, parts));
    const sections = by === "newest" ? byDay(days, found, parts) : inOnePiece(found, by);
    keepingFocus(this.element, () => this.drawSections(sections, chosen, parts, setting));
    adopt(this.foot, ...comparisonBar(runs, chosen));
  }

  /** Where the list is scrolled to. */
  get scrolled(): number {
    return this.body.scrollTop;
  }

  set scrolled(top: number) {
    this.body.scrollTop = top;
  }

  /** The button of a run. */
  buttonOf(key: string): HTMLElement | null {
    const row = this.rows.get(key)?.element;
    return row?.isConnected ? row.querySelector("button") : null;
  }

  get filter(): HTMLInputElement | null {
    return this.element.querySelector<HTMLInputElement>('[data-field="words"]');
  }

  /** Take over what was chosen or typed; returns whether the list is now another one. */
  select(field: string, value: string): boolean {
    const { words, scope, order } = this.selection;
    if (field === "words") {
      this.selection.words = value;
    } else if (field === "scope") {
      this.selection.scope = value as selecting.Scope;
    } else if (field === "order") {
      this.selection.order = value as selecting.Order;
    }
    const { selection } = this;
    const isOther =
      selection.words !== words || selection.scope !== scope || selection.order !== order;
    if (isOther) {
      this.scrolled = 0;
    }
    return isOther;
  }

  /** List all runs again. */
  unfilter(): void {
    const { filter } = this;
    this.select("words", "");
    if (filter !== null) {
      filter.value = "";
      filter.focus();
    }
  }

  private setField(field: string, value: string): void {
    const select = this.head.querySelector<HTMLSelectElement>(`select[data-field="${field}"]`);
    if (select !== null && select.value !== value) {
      select.value = value;
    }
  }

  private overview(
    found: Run[],
    by: selecting.Order,
    days: Day[],
    parts: ReadonlyMap<Run, Run>,
  ): HTMLElement[] {
    if (found.length === 0) {
      return [nothingFound(this.selection)];
    }
    const total =
      by === "newest"
        ? []
        : [
            html(
              "div",
              { class: "ocarbon-sums" },
              ...headingWithSums(trans.__("Total"), sums(found, parts)),
            ),
          ];
    return [...total, ...dayTotals(days, parts)];
  }

  private drawSections(
    sections: Section[],
    chosen: readonly string[],
    parts: ReadonlyMap<Run, Run>,
    setting: unknown,
  ): void {
    const elements = sections.map(({ key, head, runs }) => {
      const drawn = this.drawn.get(key) ?? drawnSection();
      this.drawn.set(key, drawn);
      adopt(drawn.head, ...head);
      arrange(
        drawn.list,
        runs.map((run) => {
          const row = this.rows.get(run.key) ?? new Row();
          this.rows.set(run.key, row);
          row.show(run, { isChosen: chosen.includes(run.key), whole: parts.get(run) }, setting);
          return row.element;
        }),
      );
      return drawn.element;
    });
    arrange(this.sections, elements);
    forgetOthers(this.drawn, new Set(sections.map(({ key }) => key)));
    const listed = sections.flatMap(({ runs }) => runs.map(({ key }) => key));
    forgetOthers(this.rows, new Set(listed));
  }
}

function forgetOthers(known: Map<string, unknown>, present: ReadonlySet<string>): void {
  for (const key of known.keys()) {
    if (!present.has(key)) {
      known.delete(key);
    }
  }
}

/** Those that go on are on top; their day's totals have them too. */
function byDay(days: Day[], found: Run[], parts: ReadonlyMap<Run, Run>): Section[] {
  const running = selecting.newestFirst(found.filter(selecting.isRunning));
  const goingOn = html("h3", { class: "ocarbon-heading" }, trans.__("Running now"));
  const sections = days.map(({ key, name, runs }) => ({
    key: `day ${key}`,
    head: headingWithSums(name, sums(runs, parts)),
    runs: runs.filter((run) => !selecting.isRunning(run)),
  }));
  return [
    ...(running.length > 0 ? [{ key: "running", head: [goingOn], runs: running }] : []),
    ...sections.filter(({ runs }) => runs.length > 0),
  ];
}

function inOnePiece(found: Run[], by: selecting.Order): Section[] {
  return found.length === 0 ? [] : [{ key: "all", head: [], runs: selecting.ordered(found, by) }];
}

function nothingFound({ words }: selecting.Selection): HTMLElement {
  const isFiltered = words.trim() !== "";
  const [text, label, action] = isFiltered
    ? [trans.__("No run has all these words."), trans.__("Clear filter"), "unfilter"]
    : [trans.__("No runs in this notebook."), trans.__("Show all open notebooks"), "unscope"];
  return html(
    "div",
    { class: "ocarbon-none" },
    html("p", {}, text),
    actionButton(action, label),
  );
}
