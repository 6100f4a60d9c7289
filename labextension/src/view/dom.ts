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

/** Bring attributes up to date, touching only those that differ; null takes one away. */
export function update(element: Element, attributes: Record<string, string | null>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) {
      element.removeAttribute(name);
    } else if (element.getAttribute(name) !== value) {
      element.setAttribute(name, value);
    }
  }
}

/**
 * For what the reader works with. The keys typed there are not the notebook's: without this mark
 * an "x" typed to find a zone would cut the cell (Lumino asks every element for it).
 */
export const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** Marks an element whose inside is somebody's own: a redraw leaves it alone. */
export const OWN_INSIDE = { "data-own-inside": "" };

/** What the reader did to the page and a redraw must keep. */
const KEPT_ATTRIBUTES: readonly string[] = ["open"];

function adoptAttributes(target: Element, source: Element): void {
  for (const name of target.getAttributeNames()) {
    if (!source.hasAttribute(name) && !KEPT_ATTRIBUTES.includes(name)) {
      target.removeAttribute(name);
    }
  }
  const wanted = [...source.attributes].map(({ name, value }) => [name, value]);
  update(target, Object.fromEntries(wanted));
}

/** Nodes of one kind can become one another; an element's class says which part it is. */
function kind(node: ChildNode): string {
  return node instanceof Element
    ? `${node.tagName} ${node.getAttribute("class") ?? ""}`
    : node.nodeName;
}

/** For each node wanted the one that is to become it, in one order; the rest is new. */
function partners(present: ChildNode[], wanted: ChildNode[]): Map<ChildNode, ChildNode> {
  const kinds = present.map(kind);
  const found = new Map<ChildNode, ChildNode>();
  let from = 0;
  for (const node of wanted) {
    const index = kinds.indexOf(kind(node), from);
    const old = present[index];
    if (old !== undefined) {
      found.set(node, old);
      from = index + 1;
    }
  }
  return found;
}

function adoptNode(target: ChildNode, source: ChildNode): void {
  if (target.isEqualNode(source)) {
    return; // most of a panel, at most ticks
  }
  if (target instanceof Element && source instanceof Element) {
    adoptAttributes(target, source);
    if (!source.hasAttribute("data-own-inside")) {
      adoptChildren(target, source);
    }
  } else if (target instanceof Text && source instanceof Text) {
    target.data = source.data;
  }
}

/** Make `wanted` the children of `target`; those that are there in that order are not moved. */
export function arrange(target: Element, wanted: readonly ChildNode[]): void {
  const staying = new Set(wanted);
  for (const child of [...target.childNodes]) {
    if (!staying.has(child)) {
      child.remove();
    }
  }
  let next = target.firstChild;
  for (const node of wanted) {
    if (node === next) {
      next = node.nextSibling;
    } else {
      target.insertBefore(node, next);
    }
  }
}

/**
 * Make the children of `target` like those of `source`, touching only what differs. What stays
 * is never moved, so that focus, selection, scrolling and an open list outlive a redraw.
 */
export function adoptChildren(target: Element, source: Element): void {
  const wanted = [...source.childNodes];
  const kept = partners([...target.childNodes], wanted);
  arrange(target, wanted.map((node) => kept.get(node) ?? node));
  kept.forEach((old, node) => adoptNode(old, node));
}
