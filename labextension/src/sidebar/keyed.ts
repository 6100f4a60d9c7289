/** Changes what an element holds, moving as little as may be, so that what is in use stays so. */

import { adoptChildren } from "../view/dom.js";

/** Make the children of `target` like `children`, touching only what differs. */
export function adopt(target: Element, ...children: (Node | string)[]): void {
  const fresh = document.createElement("div");
  fresh.append(...children);
  adoptChildren(target, fresh);
}

/** Do what may move elements; what had the focus has it afterwards, if it is still there. */
export function keepingFocus(element: Element, change: () => void): void {
  const focused = document.activeElement;
  change();
  if (focused instanceof HTMLElement && focused !== document.activeElement) {
    if (element.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }
}
