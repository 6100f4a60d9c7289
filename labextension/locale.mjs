/**
 * Writes locale/ocarbon_magic.pot, the template for translators: every phrase of the sources, and
 * of the settings (schema/ beside the sources), in the contexts that JupyterLab looks them up in.
 *
 *     node locale.mjs [SOURCES] [TEMPLATE]
 *
 * The phrases are the literals in calls of `trans.__`, `trans._n` and `trans._p`; a phrase that
 * is put together as the page runs is one that nobody can translate, and an error here.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [sources = here("src"), template = here("locale/ocarbon_magic.pot")] = process.argv.slice(2);

/** Which argument is what; the values for the placeholders follow. */
const CALLS = {
  __: ["msgid"],
  _n: ["msgid", "plural", "n"],
  _p: ["context", "msgid"],
};

const HEADER = [
  "Project-Id-Version: ocarbon_magic",
  "MIME-Version: 1.0",
  "Content-Type: text/plain; charset=UTF-8",
  "Content-Transfer-Encoding: 8bit",
];

/** The name of the method of `trans` that is called; undefined where none is. */
function methodOf(node) {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) {
    return undefined;
  }
  const { expression: owner, name } = node.expression;
  return ts.isIdentifier(owner) && owner.text === "trans" ? name.text : undefined;
}

/** The text of a literal, or of literals joined by "+"; undefined for all else. */
function literal(node) {
  if (node !== undefined && ts.isStringLiteralLike(node)) {
    return node.text;
  }
  if (node !== undefined && ts.isBinaryExpression(node)) {
    const [left, right] = [literal(node.left), literal(node.right)];
    const isSum = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
    return isSum && left !== undefined && right !== undefined ? left + right : undefined;
  }
  return undefined;
}

/** How many values a phrase asks for. */
function asked(phrase) {
  const places = [...phrase.replaceAll("%%", "").matchAll(/%(\d+)/g)];
  return Math.max(0, ...places.map(([, place]) => Number(place)));
}

/** The phrase of a call, or what is wrong with it. */
function read(method, args) {
  const parts = CALLS[method];
  if (parts === undefined) {
    return `trans.${method} is not known here: use trans.__, trans._n or trans._p`;
  }
  const phrase = {};
  for (const [index, part] of parts.entries()) {
    phrase[part] = part === "n" ? null : literal(args[index]);
    if (phrase[part] === undefined) {
      return `the ${part} of trans.${method} must be a string literal`;
    }
  }
  const given = args.length - parts.length + (method === "_n" ? 1 : 0);
  const wanted = Math.max(asked(phrase.msgid), asked(phrase.plural ?? ""));
  return args.some(ts.isSpreadElement) || wanted <= given
    ? phrase
    : `"${phrase.msgid}" asks for ${wanted} values, and is given ${given}`;
}

const phrases = new Map();
const faults = [];

function add(phrase, file) {
  const key = JSON.stringify([phrase.context, phrase.msgid]);
  const known = phrases.get(key) ?? { ...phrase, files: new Set() };
  known.plural ??= phrase.plural;
  known.files.add(file);
  phrases.set(key, known);
}

function search(node, source, file) {
  const method = methodOf(node);
  if (method !== undefined) {
    const found = read(method, node.arguments);
    if (typeof found === "string") {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      faults.push(`${file}:${line + 1}: ${found}.`);
    } else {
      add(found, file);
    }
  }
  ts.forEachChild(node, (child) => search(child, source, file));
}

const files = readdirSync(sources, { recursive: true })
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .sort();
for (const name of files) {
  const path = resolve(sources, name);
  const source = ts.createSourceFile(path, readFileSync(path, "utf-8"), ts.ScriptTarget.Latest);
  search(source, source, relative(dirname(sources), path).split(sep).join("/"));
}

const schemas = resolve(sources, "..", "schema");
for (const name of existsSync(schemas) ? readdirSync(schemas).sort() : []) {
  const schema = JSON.parse(readFileSync(resolve(schemas, name), "utf-8"));
  const own = [schema.title, schema.description].map((msgid) => ["schema", msgid]);
  const settings = [schema["jupyter.lab.setting-icon-label"]].concat(
    Object.values(schema.properties).flatMap(({ title, description }) => [title, description]),
  );
  for (const [context, msgid] of [...own, ...settings.map((text) => ["settings", text])]) {
    add({ context, msgid }, `schema/${name}`);
  }
}

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}

function entry({ context, msgid, plural, files }) {
  return [
    ...[...files].map((file) => `#: ${file}`),
    ...(context === undefined ? [] : [`msgctxt ${JSON.stringify(context)}`]),
    `msgid ${JSON.stringify(msgid)}`,
    ...(plural === undefined
      ? ['msgstr ""']
      : [`msgid_plural ${JSON.stringify(plural)}`, 'msgstr[0] ""', 'msgstr[1] ""']),
  ].join("\n");
}

const header = ['msgid ""', 'msgstr ""', ...HEADER.map((line) => JSON.stringify(`${line}\n`))];
mkdirSync(dirname(template), { recursive: true });
writeFileSync(
  template,
  `${[header.join("\n"), ...[...phrases.values()].map(entry)].join("\n\n")}\n`,
);
