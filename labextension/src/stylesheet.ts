/** Gives the page a style sheet. */

export function addStyle(style: string): void {
  const element = document.createElement("style");
  element.textContent = style;
  document.head.append(element);
}
