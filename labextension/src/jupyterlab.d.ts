/**
 * As much of JupyterLab as is used here. Its packages are shared by the page and are never in
 * the bundle, so that naming these few types spares a build the download of all of them.
 */

declare module "@jupyterlab/notebook" {
  import type { Token } from "@lumino/coreutils";

  interface Signal<Sender, Args> {
    connect(slot: (sender: Sender, args: Args) => void): boolean;
  }

  export interface KernelConnection {
    readonly id: string;
    interrupt(): Promise<void>;
  }

  export interface Message {
    readonly header: { readonly msg_type: string };
    readonly content: { readonly data?: unknown };
  }

  export interface SessionContext {
    readonly session: { readonly kernel: KernelConnection | null } | null;
    readonly iopubMessage: Signal<SessionContext, Message>;
    readonly statusChanged: Signal<SessionContext, string>;
  }

  export interface NotebookPanel {
    readonly sessionContext: SessionContext;
  }

  export interface INotebookTracker {
    readonly widgetAdded: Signal<INotebookTracker, NotebookPanel>;
    forEach(each: (panel: NotebookPanel) => void): void;
  }

  export const INotebookTracker: Token<INotebookTracker>;
}
