/** Draws a run record into an element; knows nothing of the place that element is in. */

import { trans } from "../language.js";
import { onPreferences } from "../preferences.js";
import { readRecord, SCHEMA, type RunRecord } from "../record/record.js";
import * as words from "../record/words.js";
import { Announcer } from "./announce.js";
import { charts } from "./charts.js";
import { details } from "./details.js";
import { adoptChildren, html, OWN_INSIDE } from "./dom.js";
import { Elsewhere, elsewherePlace } from "./elsewhere.js";
import { header, type Stop } from "./header.js";
import { hosts } from "./hosts.js";
import { icon } from "./icons.js";
import { progress } from "./progress.js";
import { spoken } from "./spoken.js";
import type { AxisEnds } from "./ticks.js";
import { tiles } from "./tiles.js";

/** How long the cell may take to stop before the button can be pressed again. */
const STOPPING_MS = 5000;

/** What the place of a view can do for it. */
export interface Host {
  /** Interrupt the kernel that runs the cell. */
  interrupt?: (() => void) | undefined;
}

/** What a view remembers from one drawing to the next. */
interface Memory {
  stop: Stop;
  law: boolean;
  ends: AxisEnds;
  detailsOpen: boolean;
}

function warnings({ warnings: lines }: RunRecord): HTMLElement {
  const items = lines.map((line) =>
    html(
      "li",
      {},
      icon("warning"),
      html("span", { class: "ocarbon-unseen" }, `${trans.__("Warning:")} `),
      html("span", {}, line),
    ),
  );
  return html("ul", { class: "ocarbon-warnings" }, ...items);
}

function hint({ work }: RunRecord): HTMLElement[] {
  return work.hint === null
    ? []
    : [
        html(
          "p",
          { class: "ocarbon-hint" },
          html("strong", {}, `${trans.__("Progress:")} `),
          work.hint,
        ),
      ];
}

function figures(record: RunRecord, memory: Memory): HTMLElement[] {
  const awaited = words.awaited(record);
  if (awaited !== null) {
    const note = html("p", { class: "ocarbon-awaited" }, awaited);
    return [note, ...hint(record), warnings(record)];
  }
  return [
    tiles(record),
    charts(record, memory),
    ...hosts(record),
    ...elsewherePlace(record),
    ...hint(record),
    warnings(record),
    details(record, memory.detailsOpen),
  ];
}

function panel(record: RunRecord | null, memory: Memory): HTMLElement {
  if (record === null) {
    const remark = trans.__("This is not a run record of schema %1.", SCHEMA);
    return html("div", { class: "ocarbon-view" }, remark);
  }
  const label = trans.__("Carbon record of %1", record.name);
  const about = { role: "group", tabindex: "-1", "aria-label": label };
  return html(
    "div",
    { class: "ocarbon-view", ...about },
    header(record, memory.stop),
    ...progress(record),
    ...figures(record, memory),
    html("div", { class: "ocarbon-unseen ocarbon-spoken", role: "status", ...OWN_INSIDE }),
  );
}

/** The one way to draw run records: what the reader chose and opened outlives every redraw. */
export class View {
  private readonly element: Element;
  private readonly host: Host;
  private readonly listening = new AbortController();
  private readonly elsewhere = new Elsewhere();
  private readonly unhear = onPreferences(() => this.renew());
  /** What was drawn last, as it was given: its language is that of the reading. */
  private drawn: { record: unknown } | null = null;
  private record: RunRecord | null = null;
  private stopPressedMs = -Infinity;
  private law = false;
  private ends: AxisEnds = new Map();
  private detailsOpen = false;
  private announcer: Announcer | null = null;

  constructor(element: Element, host: Host = {}) {
    this.element = element;
    this.host = host;
    this.listen("click", ({ target }) => this.press(target));
    this.listen("focusin", ({ target }) => this.elsewhere.visit(target));
    this.listen("pointerover", ({ target }) => {
      if (target !== document.activeElement) {
        this.elsewhere.visit(target); // but a list in use, which may stand open, stays as it is
      }
    });
    this.listen("focusout", ({ target }) => this.elsewhere.leave(target));
    this.listen("input", ({ target }) => this.elsewhere.change(target, false));
    this.listen("change", ({ target }) => this.elsewhere.change(target, true));
  }

  /** Draw `record`; call it again to bring the drawing up to date. */
  draw(record: unknown): void {
    const read = readRecord(record);
    if (read === null || read.id !== this.record?.id) {
      this.forgetRun();
    }
    this.drawn = { record };
    this.record = read;
    this.redraw();
    this.announce();
  }

  /** Let go of the element and leave it empty. */
  dispose(): void {
    this.listening.abort();
    this.unhear();
    this.forgetRun();
    this.element.replaceChildren();
  }

  private listen(event: string, hear: (event: Event) => void): void {
    this.element.addEventListener(event, hear, { signal: this.listening.signal });
  }

  private forgetRun(): void {
    this.stopPressedMs = -Infinity;
    this.ends = new Map();
    this.announcer?.dispose();
    this.announcer = null;
  }

  /** Draw the same in another language, or in other units. */
  private renew(): void {
    this.elsewhere.renew();
    if (this.drawn !== null) {
      this.record = readRecord(this.drawn.record);
      this.redraw();
    }
  }

  private redraw(): void {
    const opened = this.element.querySelector<HTMLDetailsElement>(".ocarbon-details");
    this.detailsOpen = opened?.open ?? this.detailsOpen;
    const focused = this.element.contains(document.activeElement);
    const { law, ends, detailsOpen } = this;
    const drawn = document.createElement("div");
    drawn.append(panel(this.record, { stop: this.stop(), law, ends, detailsOpen }));
    adoptChildren(this.element, drawn);
    const place = this.element.querySelector(".ocarbon-elsewhere");
    if (place !== null && this.record !== null) {
      this.elsewhere.draw(place, this.record);
    }
    if (focused && !this.element.contains(document.activeElement)) {
      // What had the focus is no more: the reader stays in the panel.
      const root = this.element.querySelector<HTMLElement>(".ocarbon-view");
      root?.focus({ preventScroll: true });
    }
  }

  private stop(): Stop {
    if (this.record?.status !== "running" || this.host.interrupt === undefined) {
      return "absent";
    }
    return Date.now() - this.stopPressedMs < STOPPING_MS ? "pressed" : "ready";
  }

  private press(target: EventTarget | null): void {
    if (!(target instanceof Element)) {
      return;
    }
    if (target.closest('[data-toggle="law"]') !== null) {
      this.law = !this.law;
      this.redraw();
    } else if (target.closest(".ocarbon-stop") !== null && this.stop() === "ready") {
      this.stopPressedMs = Date.now();
      this.redraw();
      this.host.interrupt?.();
    } else {
      this.elsewhere.press(target);
    }
  }

  /** A run that has ended when it is first drawn is no news. */
  private announce(): void {
    const { record } = this;
    if (record?.status === "running") {
      this.announcer ??= new Announcer((text) => this.speak(text));
      this.announcer.progress(spoken(record));
    } else if (record !== null) {
      this.announcer?.end(spoken(record));
    }
  }

  private speak(text: string): void {
    const region = this.element.querySelector(".ocarbon-spoken");
    if (region !== null) {
      region.textContent = text;
    }
  }
}
