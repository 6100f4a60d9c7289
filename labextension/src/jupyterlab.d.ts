/**
 * As much of JupyterLab as is used here. Its packages are shared by the page and are never in
 * the bundle, so that naming these few types spares a build the download of all of them.
 */

declare module "@jupyterlab/notebook" {
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";
  import type { PanelLayout, Widget } from "@lumino/widgets";

  export interface Comm {
    open(data: unknown): unknown;
  }

  export interface KernelConnection {
    readonly id: string;
    interrupt(): Promise<void>;
    createComm(target: string): Comm;
    requestCommInfo(content: { target_name: string }): Promise<{
      content: { status: string; comms?: Record<string, unknown> };
    }>;
    requestExecute(content: { code: string; silent: boolean; store_history: boolean }): {
      readonly done: Promise<{ content: { status: string } }>;
    };
  }

  export interface Message {
    readonly header: { readonly msg_type: string };
    readonly content: {
      readonly data?: unknown;
      readonly metadata?: unknown;
      readonly transient?: unknown;
    };
  }

  export interface SessionContext {
    readonly session: { readonly kernel: KernelConnection | null } | null;
    readonly ready: Promise<void>;
    readonly iopubMessage: ISignal<SessionContext, Message>;
    readonly statusChanged: ISignal<SessionContext, string>;
    readonly connectionStatusChanged: ISignal<SessionContext, string>;
  }

  export interface OutputModel {
    readonly type: string;
    readonly data: Record<string, unknown>;
    readonly metadata: Record<string, unknown>;
    setData(options: { data: unknown; metadata?: unknown }): void;
  }

  export interface OutputAreaModel {
    readonly length: number;
    readonly changed: ISignal<OutputAreaModel, unknown>;
    get(index: number): OutputModel;
    set(index: number, output: object): void;
    fromJSON(outputs: object[]): void;
    toJSON(): object[];
  }

  export interface SharedCell {
    getSource(): string;
    updateSource(start: number, end: number, value: string): void;
  }

  export interface CellModel {
    readonly id: string;
    readonly type: string;
    readonly isDisposed: boolean;
    readonly sharedModel: SharedCell;
    readonly contentChanged: ISignal<CellModel, void>;
    readonly metadataChanged: ISignal<CellModel, unknown>;
    /** Of code cells only. */
    readonly outputs?: OutputAreaModel;
    getMetadata(key: string): unknown;
    setMetadata(key: string, value: unknown): void;
  }

  export interface CellList extends Iterable<CellModel> {
    readonly changed: ISignal<CellList, unknown>;
  }

  export interface NotebookModel {
    readonly cells: CellList;
    readonly defaultKernelLanguage: string;
    readonly sharedModel: {
      insertCell(index: number, cell: { cell_type: "code"; source: string }): unknown;
      transact(change: () => void): void;
    };
    getMetadata(key: string): unknown;
    setMetadata(key: string, value: unknown): void;
  }

  export interface Cell extends Widget {
    readonly model: CellModel;
    readonly ready: Promise<void>;
    readonly inputArea: (Widget & { readonly layout: PanelLayout }) | null;
  }

  export interface Notebook extends Widget {
    readonly model: NotebookModel | null;
    readonly modelChanged: ISignal<Notebook, unknown>;
    readonly widgets: readonly Cell[];
    readonly activeCell: Cell | null;
    activeCellIndex: number;
    readonly activeCellChanged: ISignal<Notebook, unknown>;
    mode: "command" | "edit";
    isSelectedOrActive(cell: Cell): boolean;
    scrollToItem(index: number, align?: string): Promise<void>;
  }

  export interface NotebookPanel extends Widget {
    readonly sessionContext: SessionContext;
    readonly content: Notebook;
    readonly context: {
      readonly path: string;
      readonly pathChanged: ISignal<unknown, string>;
      readonly ready: Promise<void>;
    };
    readonly revealed: Promise<void>;
  }

  export interface INotebookTracker {
    readonly currentWidget: NotebookPanel | null;
    readonly activeCell: Cell | null;
    readonly currentChanged: ISignal<INotebookTracker, NotebookPanel | null>;
    readonly activeCellChanged: ISignal<INotebookTracker, Cell | null>;
    readonly widgetAdded: ISignal<INotebookTracker, NotebookPanel>;
    forEach(each: (panel: NotebookPanel) => void): void;
  }

  export const INotebookTracker: Token<INotebookTracker>;

  export namespace NotebookActions {
    function run(notebook: Notebook, context: SessionContext): Promise<boolean>;
  }
}

declare module "@jupyterlab/application" {
  import type { CommandRegistry } from "@lumino/commands";
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";

  export interface JupyterFrontEnd {
    readonly commands: CommandRegistry;
    readonly shell: {
      add(widget: Widget, area: string, options?: { rank?: number; type?: string }): void;
      activateById(id: string): void;
    };
    readonly serviceManager: { readonly serverSettings: { readonly baseUrl: string } };
  }

  export interface ILayoutRestorer {
    add(widget: Widget, name: string): void;
  }

  export const ILayoutRestorer: Token<ILayoutRestorer>;
}

declare module "@jupyterlab/apputils" {
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";

  export interface ICommandPalette {
    addItem(item: { command: string; category: string }): unknown;
  }

  export const ICommandPalette: Token<ICommandPalette>;

  export namespace Clipboard {
    function copyToSystem(text: string): void;
  }

  export namespace Notification {
    function info(message: string, options?: { autoClose?: number | false }): string;
    function warning(message: string, options?: { autoClose?: number | false }): string;
  }

  export namespace Dialog {
    interface Button {
      readonly accept: boolean;
    }
    function cancelButton(options?: { label?: string }): Button;
    function okButton(options?: { label?: string }): Button;
  }

  export function showDialog<Value>(options: {
    title: string;
    body: Widget & { getValue(): Value };
    buttons: readonly Dialog.Button[];
    focusNodeSelector?: string;
  }): Promise<{ button: Dialog.Button; value: Value | null }>;
}

declare module "@jupyterlab/settingregistry" {
  import type { Token } from "@lumino/coreutils";
  import type { ISignal } from "@lumino/signaling";

  export interface Settings {
    readonly composite: Record<string, unknown>;
    readonly changed: ISignal<Settings, void>;
  }

  export interface ISettingRegistry {
    load(plugin: string): Promise<Settings>;
  }

  export const ISettingRegistry: Token<ISettingRegistry>;
}

declare module "@jupyterlab/statusbar" {
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";

  export interface IStatusBar {
    registerStatusItem(
      id: string,
      item: { item: Widget; align: "left" | "middle" | "right"; rank: number },
    ): unknown;
  }

  export const IStatusBar: Token<IStatusBar>;
}

declare module "@jupyterlab/translation" {
  import type { Token } from "@lumino/coreutils";

  export interface TranslationBundle {
    __(msgid: string, ...args: unknown[]): string;
    _n(one: string, many: string, n: number, ...args: unknown[]): string;
    _p(context: string, msgid: string, ...args: unknown[]): string;
  }

  export interface ITranslator {
    load(domain: string): TranslationBundle;
  }

  export const ITranslator: Token<ITranslator>;
}

declare module "@jupyterlab/ui-components" {
  import type { VirtualElement } from "@lumino/virtualdom";

  export class LabIcon implements VirtualElement.IRenderer {
    constructor(options: { name: string; svgstr: string });
    render(container: HTMLElement): void;
  }
}
