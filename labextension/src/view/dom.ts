/** Elements made by DOM calls, never from markup: a record may come from an untrusted file. */

type Attributes = Record<string, string>;
type Child = Node | string;

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** What the reader did to the page and a redraw must keep. */
const KEPT_ATTRIBUTES: readonly string[] = ["open"];

function adoptAttributes(target: Element, source: Element): void {
  for (const name of target.getAttributeNames()) {
    if (!source.hasAttribute(name) && !KEPT_ATTRIBUTES.includes(name)) {
      target.removeAttribute(name);
    }
  }
  for (const { name, value } of source.attributes) {
    if (target.getAttribute(name) !== value) {
      target.setAttribute(name, value);
    }
  }
}

function adoptNode(target: ChildNode, source: ChildNode): void {
  if (target instanceof Element && source instanceof Element && target.tagName === source.tagName) {
    adoptAttributes(target, source);
    adoptChildren(target, source);
  } else if (target instanceof Text && source instanceof Text) {
    if (target.data !== source.data) {
      target.data = source.data;
    }
  } else {
    target.replaceWith(source);
  }
}

/**
 * Make the children of `target` like those of `source`, touching only what differs, so that
 * focus, selection, scrolling and opened details outlive a redraw.
 */
export function adoptChildren(target: Element, source: Element): void {
  const wanted = [...source.childNodes];
  const present = [...target.childNodes];
  for (const [index, node] of wanted.entries()) {
    const old = present[index];
    if (old === undefined) {
      target.append(node);
    } else {
      adoptNode(old, node);
    }
  }
  for (const surplus of present.slice(wanted.length)) {
    surplus.remove();
  }
}
