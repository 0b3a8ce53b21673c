/** Reads a definition's text: all that is malformed in it becomes a finding, in one pass, with its line. */

import type { Finding } from "../finding.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { MAX_FINDINGS, textFlaw } from "./bounds.ts";
import { shapeOf } from "./check-shape.ts";
import type { DefinitionDocument } from "./document.ts";
import { lineIndex } from "./line-index.ts";
import { plainOf, type Flaw, type Remark } from "./located.ts";
import { pointerOf, segmentsOf } from "./pointer.ts";
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
 * ends with a finding, in a time that bounds.ts bounds.
 */
export function parseDefinition(text: string, format: Format): ParsedDefinition {
  const lineAt = lineIndex(text);
  const refused = textFlaw(text);
  if (refused !== null) return unreadable([remark(refused.flaw, lineAt(refused.offset))]);
  const { root, remarks } = (format === "yaml" ? readYaml : readJson)(text, lineAt);
  if (root === null) return unreadable(remarks.length > 0 ? remarks : [remark(EMPTY, 1)]);
  const { value, remarks: flaws, lineOf } = plainOf(root);
  if (!isJsonObject(value)) return unreadable([...flaws, remark(notObject(value), root.line)]);
  const shape = shapeOf(value);
  const faults = shape.kind === "whole" ? [] : shape.faults;
  return {
    value,
    document: pruned(value, shape),
    findings: told([...flaws, ...faults.map((fault) => ({ ...fault, line: lineOf(fault.path) }))]),
    locate: (pointer) => lineOf(segmentsOf(pointer)),
  };
}

function unreadable(remarks: readonly Remark[]): ParsedDefinition {
  return { value: null, document: null, findings: told(remarks), locate: () => null };
}

function remark(flaw: Flaw, line: number): Remark {
  return { ...flaw, path: [], line };
}

function notObject(value: Json | undefined): Flaw {
  if (value === undefined || value === null) return EMPTY;
  const kind = Array.isArray(value) ? "a list" : "a single value";
  return { ...EMPTY, rule: "wrong-type", message: `expected an object, found ${kind}` };
}

function told(remarks: readonly Remark[]): readonly Finding[] {
  const sorted = remarks.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const first = sorted.slice(0, MAX_FINDINGS);
  const more = sorted.length > first.length ? [tooMany(sorted.length)] : [];
  return [...first, ...more].map(({ rule, path, line, message, help }) => ({
    rule,
    severity: "error",
    pointer: pointerOf(path),
    line,
    message,
    help,
  }));
}

function tooMany(count: number): Remark {
  return {
    rule: "too-many-findings",
    path: [],
    line: null,
    message: `expected a definition with few mistakes, found ${count}; the first ${MAX_FINDINGS} are told`,
    help: "Mend these, then check again.",
  };
}

const EMPTY: Flaw = {
  rule: "empty-document",
  message: "expected a definition, found an empty document",
  help: "Write at least `process`, `version` and `machine`.",
};
