/** Words where a request leaves its schema as every refusal here does: what was expected, and what was found. */

import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** @param found what stands at the place; undefined: nothing does. Words that a schema gives itself stay. */
export function wordsOf(issue: Issue, found: unknown): string {
  const expected = expectation(issue);
  return expected === null ? issue.message : `expected ${expected}, found ${said(found)}`;
}

/** Null where the schema's own words, or zod's, say more. */
function expectation(issue: Issue): string | null {
  switch (issue.code) {
    case "invalid_type":
      return kindNamed(issue.expected);
    case "invalid_value":
      return OR.format(issue.values.map((value) => `\`${String(value)}\``));
    case "too_small":
      return sized("at least", Number(issue.minimum), issue.origin);
    case "too_big":
      return sized("at most", Number(issue.maximum), issue.origin);
    case "invalid_format":
      return formatted(issue);
    case "invalid_union": {
      const kinds = issue.errors.flatMap((branch) =>
        branch.flatMap((each) => (each.code === "invalid_type" ? [kindNamed(each.expected)] : [])),
      );
      return kinds.length === 0 ? null : OR.format(new Set(kinds));
    }
    default:
      return null;
  }
}

function formatted(issue: Extract<Issue, { code: "invalid_format" }>): string | null {
  if (!issue.message.startsWith("Invalid ")) return null;
  if (issue.format === "uuid") return "a UUID";
  if (issue.format === "datetime") return "an RFC 3339 instant";
  return issue.pattern === undefined ? null : `a text that matches \`${issue.pattern}\``;
}

const KINDS: { readonly [expected: string]: string } = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function kindNamed(expected: string): string {
  return KINDS[expected] ?? expected;
}

const COUNTED: { readonly [origin: string]: string } = {
  string: "character",
  array: "item",
  set: "item",
};

function sized(bound: string, size: number, origin: string): string {
  const counted = COUNTED[origin];
  if (counted === undefined) return `${bound} ${size}`;
  return `${bound} ${size} ${counted}${size === 1 ? "" : "s"}`;
}

const MAX_QUOTED = 40;

function said(found: unknown): string {
  if (found === undefined) return "none";
  if (found === null) return "null";
  if (Array.isArray(found))
    return found.length === 0 ? "an empty list" : `a list of ${found.length}`;
  if (typeof found === "object") return "an object";
  const text = JSON.stringify(found);
  return text.length > MAX_QUOTED ? `${text.length - 2} characters` : text;
}

const OR = new Intl.ListFormat("en-GB", { type: "disjunction" });
