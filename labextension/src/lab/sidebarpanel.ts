/** The sidebar: the runs of all open notebooks. */

import { Widget } from "@lumino/widgets";

import type { Json } from "../json.js";
import { trans } from "../language.js";
import { onPreferences } from "../preferences.js";
import { Sidebar, type Entry, type Host } from "../sidebar/sidebar.js";
import { carbonIcon } from "./icon.js";
import type { OpenNotebooks } from "./opennotebooks.js";
import type { OtherPages } from "./otherpages.js";

export const SIDEBAR_ID = "ocarbon-sidebar";

export class SidebarPanel extends Widget {
  private readonly sidebar: Sidebar;
  private readonly entries = new WeakMap<Json, Entry>();

  constructor(
    private readonly notebooks: OpenNotebooks,
    private readonly others: OtherPages,
    host: Host,
  ) {
    super();
    this.id = SIDEBAR_ID;
    this.addClass("ocarbon-sidebarpanel");
    this.title.icon = carbonIcon;
    this.sidebar = new Sidebar(this.node, host);
    notebooks.onRuns(() => this.update());
    others.onChange(() => this.update());
    onPreferences(() => this.name());
    this.name();
  }

  /** Show one run, of this page or another. */
  open(id: string): void {
    this.sidebar.draw(this.all());
    this.sidebar.show(id);
  }

  override dispose(): void {
    this.sidebar.dispose();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.update();
  }

  /** Called at most once for all that happens at one time. */
  protected override onUpdateRequest(): void {
    if (this.isVisible) {
      this.sidebar.draw(this.all());
    }
  }

  private name(): void {
    this.title.caption = trans.__("Carbon: what the cells of open notebooks emit");
    this.node.setAttribute("aria-label", trans.__("Carbon"));
  }

  private all(): Entry[] {
    const { current } = this.notebooks;
    const here = this.notebooks.all().flatMap((notebook) =>
      notebook.all().map((record) =>
        this.entry(record, {
          notebook: notebook.path,
          isCurrent: notebook === current,
          hasCell: notebook.cellOf(record) !== undefined,
        }),
      ),
    );
    const elsewhere = this.others.all().map(({ record, notebook }) =>
      this.entry(record, { notebook, isCurrent: false, hasCell: false }),
    );
    return [...here, ...elsewhere];
  }

  /** The same object as long as nothing has changed. */
  private entry(record: Json, about: Omit<Entry, "record">): Entry {
    const known = this.entries.get(record);
    if (
      known?.notebook === about.notebook &&
      known.isCurrent === about.isCurrent &&
      known.hasCell === about.hasCell
    ) {
      return known;
    }
    const made = { record, ...about };
    this.entries.set(record, made);
    return made;
  }
}
