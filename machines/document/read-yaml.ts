/** Reads YAML 1.2 (core schema) into values that know their lines; nesting is bounded before anything is built. */

import { Composer, isAlias, isMap, isScalar, isSeq } from "yaml";
import type { CST, ErrorCode, Pair, ParsedNode } from "yaml";
import type { LineAt } from "./line-index.ts";
import type { Flaw, Located, Member, Reading } from "./located.ts";
import { yamlTokens } from "./yaml-tokens.ts";

const OPTIONS = {
  version: "1.2",
  schema: "core",
  merge: false,
  stringKeys: true,
  // The library compares each key with each; a map of ten thousand keys would take minutes. `plainOf` uses a set.
  uniqueKeys: false,
  logLevel: "silent",
} as const;

/** Errors after which the value still stands, and which `located` judges by itself. */
const JUDGED_HERE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "TAG_RESOLVE_FAILED",
  "NON_STRING_KEY",
  "BAD_COLLECTION_TYPE",
]);

/**
 * Reads the one document in `text`; `root` is null when there is none.
 * Errors of syntax end the reading; anchors, aliases, tags and keys that are no texts are flaws of the values they mark.
 */
export function readYaml(text: string, lineAt: LineAt): Reading {
  const refused = (flaw: Flaw, offset: number): Reading => ({
    root: null,
    remarks: [{ ...flaw, path: [], line: lineAt(offset) }],
  });
  const found = yamlTokens(text);
  if (found.kind === "refused") return refused(found.flaw, found.offset);
  const directive = found.tokens.find((token) => token.type === "directive");
  if (directive !== undefined) return refused(DIRECTIVE, directive.offset);
  const [document, second] = composed(found.tokens, text.length);
  if (document === undefined) return { root: null, remarks: [] };
  const errors = document.errors.filter((error) => !JUDGED_HERE.has(error.code));
  if (errors.length > 0) {
    const remarks = errors.flatMap((error) => refused(syntax(error.message), error.pos[0]).remarks);
    return { root: null, remarks };
  }
  if (second !== undefined) return refused(SEVERAL_DOCUMENTS, second.range[0]);
  if (document.contents === null) return { root: null, remarks: [] };
  return { root: located(document.contents, lineAt), remarks: [] };
}

function composed(tokens: readonly CST.Token[], end: number) {
  return [...new Composer(OPTIONS).compose(tokens, true, end)];
}

function located(node: ParsedNode, lineAt: LineAt): Located {
  const line = lineAt(node.range[0]);
  if (isAlias(node)) return { kind: "absent", line, flaws: [ALIAS] };
  const place = { line, flaws: flawsOf(node) };
  if (isScalar(node)) return { ...place, kind: "scalar", value: scalarOf(node.value) };
  if (isSeq<ParsedNode>(node)) {
    const elements = node.items.map((element) => located(element, lineAt));
    return { ...place, kind: "list", elements };
  }
  if (!isMap<ParsedNode, ParsedNode | null>(node)) return { kind: "absent", ...place };
  const members = node.items.map((pair) => memberOf(pair, line, lineAt));
  return {
    kind: "map",
    line,
    flaws: [...place.flaws, ...members.flatMap((member) => ("key" in member ? [] : [member]))],
    members: members.filter((member) => "key" in member),
  };
}

function memberOf(
  { key, value }: Pair<ParsedNode, ParsedNode | null>,
  mapLine: number,
  lineAt: LineAt,
): Member | Flaw {
  if (!isScalar(key) || typeof key.value !== "string") return KEY_NOT_TEXT;
  const line = key.range === undefined || key.range === null ? mapLine : lineAt(key.range[0]);
  const inner: Located =
    value === null ? { kind: "scalar", line, value: null } : located(value, lineAt);
  const flaws = flawsOf(key);
  return {
    key: key.value,
    line,
    value: flaws.length === 0 ? inner : { ...inner, flaws: [...flaws, ...(inner.flaws ?? [])] },
  };
}

function flawsOf(node: Exclude<ParsedNode, { readonly type: "alias" }>): readonly Flaw[] {
  const anchored = !isAlias(node) && node.anchor !== undefined;
  const tagged = node.tag !== undefined;
  return [...(anchored ? [ALIAS] : []), ...(tagged ? [tag(String(node.tag))] : [])];
}

/** The core schema gives nothing else; a tag that made something else of a scalar is refused as a tag. */
function scalarOf(value: unknown): null | boolean | number | string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  return null;
}

const ALIAS: Flaw = {
  rule: "alias",
  message: "expected values written out, found an anchor or an alias of YAML",
  help: "Write the value where it is meant: a definition is read from top to bottom.",
};
const KEY_NOT_TEXT: Flaw = {
  rule: "key-not-text",
  message: "expected texts as keys, found a list or an object as a key",
  help: "Write `key: value`; a value that begins with `{{` needs quotes.",
};
const DIRECTIVE: Flaw = {
  rule: "directive",
  message: "expected a document, found a directive of YAML",
  help: "Remove the lines that begin with `%`: definitions are YAML 1.2, core schema.",
};
const SEVERAL_DOCUMENTS: Flaw = {
  rule: "several-documents",
  message: "expected one document, found another after `---`",
  help: "Put each definition into a file of its own.",
};

function tag(name: string): Flaw {
  return {
    rule: "tag",
    message: `expected plain values, found the tag ${name}`,
    help: "Remove it; quote a value that is to stay a text.",
  };
}

function syntax(message: string): Flaw {
  return {
    rule: "syntax",
    message: `expected YAML 1.2, found: ${message}`,
    help: "Look at the indentation and the quotes around this place; a text with `: ` or ` #` in it needs quotes.",
  };
}
