/** What both readers give: values that know their lines. Here they become plain JSON, and a place is found by its pointer. */

import type { Finding } from "../finding.ts";
import { isJsonObject, type Json } from "../json.ts";
import { childOf, parentOf } from "./pointer.ts";

/** What is wrong with one value, whatever its place. */
export interface Flaw {
  readonly rule: string;
  readonly message: string;
  readonly help: string;
}

interface Place {
  readonly line: number;
  readonly flaws?: readonly Flaw[];
}

/** A value where it stands. `absent`: there is none that JSON could hold, and its flaws say why. */
export type Located =
  | (Place & { readonly kind: "scalar"; readonly value: null | boolean | number | string })
  | (Place & { readonly kind: "list"; readonly elements: readonly Located[] })
  | (Place & { readonly kind: "map"; readonly members: readonly Member[] })
  | (Place & { readonly kind: "absent" });

export interface Member {
  readonly key: string;
  /** The line of the key. */
  readonly line: number;
  readonly value: Located;
}

/** What a reader found in a text. `root` is null when the text could not be read at all. */
export interface Reading {
  readonly root: Located | null;
  readonly findings: readonly Finding[];
}

export interface Plain {
  readonly value: Json | undefined;
  readonly findings: readonly Finding[];
  /** Line of the member's key or of the element, else of the nearest place around it. */
  readonly locate: (pointer: string) => number | null;
}

/** An object still being filled. */
interface Growing {
  [key: string]: Json;
}

/** Keys by which JavaScript reaches an object's prototype. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * The plain JSON value of `root`, without what must not be in it: forbidden keys and characters, numbers that JSON can't
 * hold. A key that is given twice is refused; two maps under it are still taken together, so that none hides the other.
 */
export function plainOf(root: Located): Plain {
  const findings: Finding[] = [];
  const lines = new Map<string, number>();
  const objects = new Map<string, Growing>();

  const note = (pointer: string, line: number, flaw: Flaw) =>
    findings.push({ ...flaw, severity: "error", pointer, line });

  const plain = (node: Located, pointer: string, line: number): Json | undefined => {
    if (!lines.has(pointer)) lines.set(pointer, line);
    for (const flaw of node.flaws ?? []) note(pointer, node.line, flaw);
    if (node.kind === "absent") return undefined;
    if (node.kind === "map") return filled(node.members, pointer);
    if (node.kind === "list") {
      const elements: Json[] = [];
      for (const element of node.elements) {
        const value = plain(element, childOf(pointer, elements.length), element.line);
        if (value !== undefined) elements.push(value);
      }
      return elements;
    }
    const flaw = scalarFlaw(node.value);
    if (flaw !== null) return void note(pointer, node.line, flaw);
    return Object.is(node.value, -0) ? 0 : node.value;
  };

  const filled = (members: readonly Member[], pointer: string): Json => {
    const target = objects.get(pointer) ?? {};
    objects.set(pointer, target);
    for (const { key, line, value } of members) {
      const place = childOf(pointer, key);
      const flaw = keyFlaw(key);
      if (flaw !== null) {
        note(place, line, flaw);
        continue;
      }
      const first = lines.get(place);
      if (first !== undefined) note(place, line, duplicate(key, first));
      const member = plain(value, place, line);
      if (member === undefined) continue;
      if (!Object.hasOwn(target, key) || isJsonObject(member)) target[key] = member;
    }
    return target;
  };

  const value = plain(root, "", root.line);
  return { value, findings, locate: (pointer) => nearest(lines, pointer) };
}

function nearest(lines: ReadonlyMap<string, number>, pointer: string): number | null {
  for (let at: string | null = pointer; at !== null; at = parentOf(at)) {
    const line = lines.get(at);
    if (line !== undefined) return line;
  }
  return null;
}

function keyFlaw(key: string): Flaw | null {
  if (FORBIDDEN_KEYS.has(key)) {
    return {
      rule: "forbidden-key",
      message: `expected a key that is safe in every language, found \`${key}\``,
      help: "Rename it: JavaScript reaches an object's prototype by this name.",
    };
  }
  if (key === "<<") {
    return {
      rule: "merge-key",
      message: "expected a key, found the merge key `<<` of YAML 1.1",
      help: "Write the members out: a definition says all that it means where it is read.",
    };
  }
  return scalarFlaw(key);
}

function scalarFlaw(value: null | boolean | number | string): Flaw | null {
  if (typeof value === "string") {
    if (!value.includes("\0") && value.isWellFormed()) return null;
    const found = value.includes("\0") ? "the character U+0000" : "half of a surrogate pair";
    return {
      rule: "forbidden-character",
      message: `expected Unicode text, found ${found}`,
      help: "Remove it: databases and signatures can't keep such a text unchanged.",
    };
  }
  if (typeof value !== "number") return null;
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return null;
  return {
    rule: "number-out-of-range",
    message: `expected a number that JSON keeps exactly, found ${value}`,
    help: `Stay within ${Number.MAX_SAFE_INTEGER} on either side (RFC 7493), or write a text.`,
  };
}

function duplicate(key: string, first: number): Flaw {
  return {
    rule: "duplicate-key",
    message: `expected each key once, found \`${key}\` again; it is first on line ${first}`,
    help: "Join the two, or rename one.",
  };
}
