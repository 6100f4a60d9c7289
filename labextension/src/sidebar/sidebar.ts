/** The runs of the open notebooks: a list, one run, two compared. Knows no Jupyter. */

import { trans } from "../language.js";
import { onPreferences } from "../preferences.js";
import { html } from "../view/dom.js";
import { ComparePage } from "./comparepage.js";
import { EmptyPage } from "./emptypage.js";
import type { Entry, Host } from "./entry.js";
import { ListPage } from "./listpage.js";
import { RunPage } from "./runpage.js";
import { runsOf, type Run } from "./run.js";

export type { Entry, Host } from "./entry.js";

/** As many runs as are compared. */
const COMPARED = 2;

type Page = { kind: "list" } | { kind: "run"; key: string } | { kind: "compare" };

export class Sidebar {
  private readonly root = html("div", { class: "ocarbon-sidebar" });
  private readonly title = html("h2", { class: "ocarbon-unseen" });
  private readonly list = new ListPage();
  private readonly empty = new EmptyPage();
  private readonly run: RunPage;
  private readonly compare = new ComparePage();
  private readonly leavePreferences: () => void;
  private entries: readonly Entry[] = [];
  private runs: Run[] = [];
  private page: Page = { kind: "list" };
  /** The runs to compare, by their keys; the one chosen first comes first. */
  private chosen: string[] = [];
  private listTop = 0;
  /** Another one whenever the same things are written in another way. */
  private setting = {};

  constructor(
    element: HTMLElement,
    private readonly host: Host,
  ) {
    this.run = new RunPage(host);
    this.root.addEventListener("click", ({ target }) => this.press(target));
    this.root.addEventListener("input", ({ target }) => this.enter(target));
    this.root.addEventListener("change", ({ target }) => this.enter(target));
    this.leavePreferences = onPreferences(() => {
      this.setting = {};
      this.draw(this.entries);
    });
    element.append(this.root);
  }

  /** Bring the page up to date; cheap where little has changed. */
  draw(entries: readonly Entry[]): void {
    this.entries = entries;
    this.runs = runsOf(entries);
    this.chosen = this.chosen.filter((key) => this.find(key) !== null);
    this.redraw();
  }

  /** Go to one run. */
  show(id: string): void {
    this.goTo({ kind: "run", key: id });
  }

  /** Let go of the element and leave it empty. */
  dispose(): void {
    this.leavePreferences();
    this.run.leave();
    this.root.remove();
  }

  private find(key: string): Run | null {
    return this.runs.find((run) => run.key === key) ?? null;
  }

  private redraw(): void {
    const { page } = this;
    if (page.kind === "list" && this.runs.length === 0) {
      this.empty.draw();
      this.put(this.empty.element);
    } else if (page.kind === "list") {
      this.list.draw(this.runs, this.chosen, this.setting);
      this.put(this.list.element);
    } else if (page.kind === "run") {
      this.run.draw(this.find(page.key));
      this.put(this.run.element);
    } else {
      const [one, other] = this.chosen.map((key) => this.find(key));
      this.compare.draw(one ?? null, other ?? null);
      this.put(this.compare.element);
    }
  }

  private put(page: HTMLElement): void {
    if (this.title.textContent !== trans.__("Carbon")) {
      this.title.textContent = trans.__("Carbon");
    }
    if (page.parentElement !== this.root) {
      this.root.replaceChildren(this.title, page);
    }
  }

  private goTo(page: Page): void {
    const before = this.page;
    if (before.kind === "list") {
      this.listTop = this.list.scrolled;
    }
    if (before.kind === "run") {
      this.run.leave();
    }
    this.page = page;
    this.redraw();
    if (page.kind !== "list") {
      this.root.querySelector<HTMLElement>(".ocarbon-title")?.focus({ preventScroll: true });
      return;
    }
    this.list.scrolled = this.listTop;
    const row = before.kind === "run" ? this.list.buttonOf(before.key) : null;
    const compared = this.root.querySelector<HTMLElement>('[data-do="compare"]');
    (row ?? compared ?? this.list.filter)?.focus({ preventScroll: true });
  }

  private press(target: EventTarget | null): void {
    const pressed = target instanceof Element ? target.closest("[data-open], [data-do]") : null;
    const key = pressed?.getAttribute("data-open") ?? null;
    if (key !== null) {
      this.goTo({ kind: "run", key });
    } else if (pressed?.getAttribute("data-do") === "copy-code") {
      void this.empty.copy(pressed);
    } else {
      this.act(pressed?.getAttribute("data-do") ?? "");
    }
  }

  private act(action: string): void {
    const entry = this.page.kind === "run" ? this.find(this.page.key)?.entry : undefined;
    if (action === "back") {
      this.goTo({ kind: "list" });
    } else if (action === "compare") {
      this.goTo({ kind: "compare" });
    } else if (action === "swap") {
      this.chosen.reverse();
      this.redraw();
    } else if (action === "unchoose") {
      this.chosen = [];
      this.redraw();
      this.list.filter?.focus({ preventScroll: true });
    } else if (action === "unfilter") {
      this.list.unfilter();
      this.redraw();
    } else if (action === "unscope") {
      this.list.select("scope", "all");
      this.redraw();
      this.list.filter?.focus();
    } else if (entry !== undefined) {
      this.hand(action, entry);
    }
  }

  private hand(action: string, entry: Entry): void {
    if (action === "reveal") {
      this.host.reveal(entry);
    } else if (action === "copy-report") {
      this.host.copyReport(entry);
    } else if (action === "download") {
      this.host.download(entry);
    }
  }

  private enter(target: EventTarget | null): void {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) {
      return;
    }
    const { choose, field } = target.dataset;
    if (choose !== undefined && target instanceof HTMLInputElement) {
      this.choose(choose, target.checked);
    } else if (field !== undefined && this.list.select(field, target.value)) {
      this.redraw();
    }
  }

  /** One more than are compared takes the place of the oldest. */
  private choose(key: string, isChosen: boolean): void {
    const others = this.chosen.filter((other) => other !== key);
    this.chosen = isChosen ? [...others, key].slice(-COMPARED) : others;
    this.redraw();
  }
}
