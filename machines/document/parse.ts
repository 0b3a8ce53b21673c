/** Reads a definition's text: all that is malformed in it becomes a finding, in one pass, with its line. */

import type { Finding } from "../finding.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { MAX_FINDINGS, textFlaw } from "./bounds.ts";
import { shapeFaults } from "./check-shape.ts";
import type { DefinitionDocument } from "./document.ts";
import { lineIndex } from "./line-index.ts";
import { plainOf, type Flaw } from "./located.ts";
import { pointerOf } from "./pointer.ts";
import { pruned } from "./prune.ts";
import { readJson } from "./read-json.ts";
import { readYaml } from "./read-yaml.ts";

export type Format = "yaml" | "json";

export interface ParsedDefinition {
  /** What the text says, as written; null when it is no object, or could not be read. */
  readonly value: JsonObject | null;
  /** The same without what is malformed; null when there is no machine to go on with. */
  readonly document: DefinitionDocument | null;
  /** In the order of their lines; at most 500, and one more that says so. */
  readonly findings: readonly Finding[];
  /** Line of the key or element that `pointer` names, or of the nearest place around it; null when nothing was read. */
  readonly locate: (pointer: string) => number | null;
}

/**
 * Parses and checks the shape of a definition. Never throws; hostile text (too large, too deep, aliases, duplicate keys)
 * ends with a finding in time linear in the bounds of bounds.ts.
 */
export function parseDefinition(text: string, format: Format): ParsedDefinition {
  const lineAt = lineIndex(text);
  const refused = textFlaw(text);
  if (refused !== null) return unreadable([found(refused.flaw, "", lineAt(refused.offset))]);
  const { root, findings } = (format === "yaml" ? readYaml : readJson)(text, lineAt);
  if (root === null) return unreadable(findings.length > 0 ? findings : [found(EMPTY, "", 1)]);
  const { value, findings: flaws, locate } = plainOf(root);
  if (!isJsonObject(value)) return unreadable([...findings, ...flaws, notObject(value, root.line)]);
  const faults = shapeFaults(value);
  const malformed = faults.map(({ path, ...flaw }) => {
    const pointer = pointerOf(path);
    return found(flaw, pointer, locate(pointer));
  });
  return {
    value,
    document: pruned(value, faults),
    findings: bounded([...findings, ...flaws, ...malformed]),
    locate,
  };
}

function unreadable(findings: readonly Finding[]): ParsedDefinition {
  return { value: null, document: null, findings: bounded(findings), locate: () => null };
}

function found({ rule, message, help }: Flaw, pointer: string, line: number | null): Finding {
  return { rule, severity: "error", pointer, line, message, help };
}

function notObject(value: Json | undefined, line: number): Finding {
  const kind = Array.isArray(value) ? "a list" : value === null ? "nothing" : "a single value";
  const flaw = { ...EMPTY, rule: "wrong-type", message: `expected an object, found ${kind}` };
  return found(value === undefined || value === null ? EMPTY : flaw, "", line);
}

function bounded(findings: readonly Finding[]): readonly Finding[] {
  const sorted = findings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (sorted.length <= MAX_FINDINGS) return sorted;
  const more = {
    rule: "too-many-findings",
    message: `expected a definition with few mistakes, found ${sorted.length}; the first ${MAX_FINDINGS} are told`,
    help: "Mend these, then check again.",
  };
  return [...sorted.slice(0, MAX_FINDINGS), found(more, "", null)];
}

const EMPTY: Flaw = {
  rule: "empty-document",
  message: "expected a definition, found an empty document",
  help: "Write at least `process`, `version` and `machine`.",
};
