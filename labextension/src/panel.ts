/** The panel as a widget, for front ends that our labextension does not reach. */

import { object } from "./json.js";
import { LiveRun } from "./live/run.js";
import { View } from "./view/view.js";

/** As much of anywidget's model as is used. */
interface Model {
  get(name: string): unknown;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  widget_manager?: { kernel?: { interrupt?: () => unknown } };
}

interface Place {
  model: Model;
  el: HTMLElement;
}

function render({ model, el }: Place): () => void {
  const view = new View(el, {
    get interrupt() {
      const kernel = model.widget_manager?.kernel;
      return kernel?.interrupt === undefined ? undefined : () => void kernel.interrupt?.();
    },
  });
  const run = new LiveRun(object(model.get("record")));
  const draw = (): void => view.draw(run.record());
  const snapshot = (): void => {
    run.add(object(model.get("snapshot")));
    draw();
  };
  const record = (): void => {
    run.adopt(object(model.get("record")));
    draw();
  };
  model.on("change:snapshot", snapshot);
  model.on("change:record", record);
  snapshot();
  return () => {
    model.off("change:snapshot", snapshot);
    model.off("change:record", record);
    view.dispose();
  };
}

export default { render };
