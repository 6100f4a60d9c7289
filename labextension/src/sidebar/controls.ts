/** What is above the list: which runs, in what order, and how many of all that is. */

import { trans } from "../language.js";
import { html, OWN_KEYS } from "../view/dom.js";
import type { Order, Scope } from "./selection.js";

export interface Offer {
  hasScopes: boolean;
  hasMetric: boolean;
  shown: number;
  all: number;
  isFiltered: boolean;
}

function orders(hasMetric: boolean): [Order, string][] {
  return [
    ["newest", trans._p("order of runs", "Newest first")],
    ["emissions", trans._p("order of runs", "Emissions")],
    ["energy", trans._p("order of runs", "Energy")],
    ["duration", trans._p("order of runs", "Duration")],
    ...(hasMetric ? [["metric", trans._p("order of runs", "Metric")] as [Order, string]] : []),
  ];
}

function scopes(): [Scope, string][] {
  return [
    ["all", trans.__("All open notebooks")],
    ["current", trans.__("This notebook")],
  ];
}

function choice(field: string, label: string, options: [string, string][]): HTMLElement {
  const select = html(
    "select",
    { class: "ocarbon-input", "data-field": field, ...OWN_KEYS },
    ...options.map(([value, text]) => html("option", { value }, text)),
  );
  return html("label", { class: "ocarbon-control" }, html("span", {}, label), select);
}

function count({ shown, all }: Offer): string {
  return shown === all
    ? trans._n("%1 run", "%1 runs", all)
    : trans._n("%2 of %1 run", "%2 of %1 runs", all, shown);
}

export function controls(offer: Offer): HTMLElement[] {
  const filter = html("input", {
    type: "search",
    class: "ocarbon-input",
    "data-field": "words",
    "aria-label": trans.__("Filter runs"),
    placeholder: trans.__("Filter by name, zone, device …"),
    ...OWN_KEYS,
  });
  const scope = offer.hasScopes
    ? [choice("scope", trans._p("list of runs", "Show"), scopes())]
    : [];
  const announced = offer.isFiltered ? "polite" : "off";
  return [
    html("div", { class: "ocarbon-filter" }, filter),
    html(
      "div",
      { class: "ocarbon-choices" },
      ...scope,
      choice("order", trans._p("list of runs", "Order"), orders(offer.hasMetric)),
    ),
    html(
      "div",
      { class: "ocarbon-count ocarbon-muted" },
      html("span", { "aria-live": announced }, count(offer)),
      html("span", { "aria-hidden": "true" }, trans._p("box beside a run", "Compare")),
    ),
  ];
}
