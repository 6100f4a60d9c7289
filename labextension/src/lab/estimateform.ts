/** Asks for a planned training, and writes the line that estimates it. */

import { Widget } from "@lumino/widgets";

import { trans } from "../language.js";
import { html } from "../view/dom.js";
import { rows, text } from "../whatif/tables.js";

type Field = "params" | "tokens" | "device" | "count" | "zone" | "total";

/** A number as the kernel reads it: 7e9, 7B, 300M. */
const AMOUNT = "\\s*[0-9]*\\.?[0-9]+(e[0-9]+)?\\s*[kKmMbBgGtT]?\\s*";

interface Question {
  field: Field;
  label: string;
  example: string;
  pattern?: string;
  value?: string;
}

/** A run whose pace can be taken as that of a planned one. */
export interface Probe {
  name: string;
  unit: string;
}

function planned(zone: string): Question[] {
  return [
    { field: "params", label: trans.__("Parameters"), example: "7B", pattern: AMOUNT },
    { field: "tokens", label: trans.__("Tokens"), example: "2T", pattern: AMOUNT },
    { field: "device", label: trans.__("Device"), example: "A100" },
    { field: "count", label: trans.__("How many"), example: "1", pattern: "\\s*[0-9]+\\s*" },
    { field: "zone", label: trans.__("Zone"), example: "FRA", value: zone },
  ];
}

function probed({ unit }: Probe): Question[] {
  const label = trans.__("Whole work (%1)", unit);
  return [{ field: "total", label, example: "450000", pattern: AMOUNT }];
}

/** A word of the line; what would end a quotation is left out. */
function word(value: string): string {
  const plain = value.trim().replaceAll(/["'\\\n]/g, "");
  return /^[\w.:-]+$/.test(plain) ? plain : `"${plain}"`;
}

export class EstimateForm extends Widget {
  private readonly inputs = new Map<Field, HTMLInputElement>();

  /** Ask for the whole work of what was measured, if there is a `probe`, else for a plan. */
  constructor(
    zone: string,
    private readonly probe: Probe | null,
  ) {
    super();
    this.addClass("ocarbon-form");
    const intro =
      probe === null
        ? trans.__("What a training will take, from published runs of its kind.")
        : trans.__("What the whole of %1 will take, from its measured run.", probe.name);
    const devices = html("datalist", { id: "ocarbon-devices" });
    devices.append(...rows("accelerators").map((row) => html("option", { value: text(row, "name") })));
    const questions = probe === null ? planned(zone) : probed(probe);
    this.node.append(html("p", {}, intro), devices, ...questions.map((asked) => this.ask(asked)));
  }

  /** The line, or null where nothing was said that could be estimated. */
  getValue(): string | null {
    const said = (field: Field): string => this.inputs.get(field)?.value.trim() ?? "";
    const option = (field: Field): string[] =>
      said(field) === "" ? [] : [`--${field}`, word(said(field))];
    const needed: Field[] = this.probe === null ? ["params", "tokens", "device"] : ["total"];
    if (needed.some((field) => said(field) === "")) {
      return null;
    }
    const from = this.probe === null ? [] : ["--from", "last"];
    const fields = [...this.inputs.keys()].flatMap(option);
    return ["%carbon estimate", ...from, ...fields].join(" ");
  }

  private ask({ field, label, example, pattern, value = "" }: Question): HTMLElement {
    const input = html("input", {
      type: "text",
      class: "jp-mod-styled",
      placeholder: example,
      value,
      ...(pattern === undefined ? {} : { pattern }),
      ...(field === "device" ? { list: "ocarbon-devices" } : {}),
    });
    this.inputs.set(field, input);
    return html("label", {}, html("span", {}, label), input);
  }
}
