/** What is malformed in a definition, in words: every issue of the schema, at its own place. */

import { z } from "zod";
import type { Json } from "../json.ts";
import type { Flaw } from "./located.ts";
import { valueAt, type Path } from "./pointer.ts";
import type { DefinitionDocument } from "./document.ts";
import { definition } from "./schema.ts";
import { say } from "./names.ts";
import { nameOf } from "./schema-parts.ts";

/** `missing`: the member at `path` is expected and absent; the other faults stand at `path`. */
export interface Fault extends Flaw {
  readonly path: Path;
}

type Issue = z.core.$ZodIssue;

/** A definition, or every fault that keeps a value from being one. */
export type Shape =
  | { readonly kind: "whole"; readonly document: DefinitionDocument }
  | { readonly kind: "faulty"; readonly faults: readonly Fault[] };

/** Holds `value` against the schema of definitions, in one pass; maps keep the order of their keys. */
export function shapeOf(value: Json): Shape {
  const result = definition.safeParse(value, { error: spoken });
  if (result.success) return { kind: "whole", document: result.data };
  const faults = result.error.issues.flatMap((issue) => faultsOf(issue, [], value));
  return { kind: "faulty", faults };
}

function faultsOf(issue: Issue, base: Path, root: Json): readonly Fault[] {
  const path = [
    ...base,
    ...issue.path.map((segment) => (typeof segment === "number" ? segment : String(segment))),
  ];
  const [message = "", help = ""] = issue.message.split("\n");
  if (issue.code === "unrecognized_keys") {
    const known = message.split(" ");
    return issue.keys.map((key) => unknownKey([...path, key], key, known));
  }
  if (issue.code === "invalid_union") {
    const branch = meant(issue.errors);
    if (branch !== null) return branch.flatMap((inner) => faultsOf(inner, path, root));
  }
  return [{ path, rule: ruleOf(issue, valueAt(root, path)), message, help }];
}

/** The one alternative whose kind (text, list, object) the value has; its issues are the ones to tell. */
function meant(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const [first, ...others] = alternatives.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === "invalid_type"),
  );
  return first !== undefined && others.length === 0 ? first : null;
}

function ruleOf(issue: Issue, value: Json | undefined): string {
  if (value === undefined) return "missing-key";
  if (issue.code === "custom" && typeof issue.params?.["rule"] === "string") {
    return issue.params["rule"];
  }
  if (value === null) return "empty-value";
  return issue.code === "invalid_type" || issue.code === "invalid_union"
    ? "wrong-type"
    : "malformed-value";
}

function unknownKey(path: Path, key: string, known: readonly string[]): Fault {
  const near = known.find((candidate) => isNear(key, candidate));
  return {
    path,
    rule: "unknown-key",
    message: `expected one of the known keys, found \`${key}\``,
    help: near === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean \`${near}\`?`,
  };
}

/** The words of an issue whose schema has none of its own; of an unknown key, the known ones. */
const spoken: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "unrecognized_keys") return knownKeys(issue.inst).join(" ");
  const found = nameOf(issue.input);
  const help = helpOf(issue);
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return say("expected this key, found none", help);
      return say(`expected ${kindOf(issue.expected)}, found ${found}`, help);
    case "invalid_union":
      return say(`expected ${kindsOf(issue.inst)}, found ${found}`, help);
    case "invalid_value":
      return say(`expected one of ${issue.values.map(String).join(", ")}, found ${found}`, help);
    case "too_small":
      return say(`expected at least ${issue.minimum}, found ${found}`, help);
    case "too_big":
      return say(`expected at most ${issue.maximum}, found ${found}`, help);
    default:
      return say(`expected another value, found ${found}`, help);
  }
};

function helpOf(issue: z.core.$ZodRawIssue): string {
  const owner = issue.schema ?? issue.inst;
  const description = owner instanceof z.ZodType ? owner.description : undefined;
  const meaning = description === undefined ? "" : `${description} `;
  return issue.input === null
    ? `${meaning}Write a value after the colon, or remove the key.`
    : `${meaning}The shape is in definitions/definition.schema.json.`;
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function kindOf(expected: string): string {
  return KINDS[expected] ?? expected;
}

function kindsOf(schema: unknown): string {
  if (!(schema instanceof z.ZodUnion)) return "another value";
  const kinds = schema.options.map((option) =>
    option instanceof z.ZodType ? kindOf(option.def.type) : "another value",
  );
  return [...new Set(kinds)].join(" or ");
}

/** Whether one edit, or another spelling of the capitals, makes `found` of `known`. */
function isNear(found: string, known: string): boolean {
  if (found.toLowerCase() === known.toLowerCase()) return true;
  if (Math.abs(found.length - known.length) > 1) return false;
  let start = 0;
  while (start < found.length && found[start] === known[start]) start += 1;
  const [rest, other] = [found.slice(start), known.slice(start)];
  const swapped = `${rest[1] ?? ""}${rest[0] ?? ""}${rest.slice(2)}`;
  return [rest.slice(1), swapped, rest].some(
    (edited) => edited === other || edited === other.slice(1),
  );
}
