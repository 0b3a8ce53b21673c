/** What both readers give: values that know their lines. Here they become plain JSON, and a place is found by its pointer. */

import { isJsonObject, type Json } from "../json.ts";
import { MAX_KEY_LENGTH } from "./bounds.ts";
import type { Path } from "./pointer.ts";

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

/** A flaw and its place. Pointers are made late, and only of what is told: they can be long, and flaws many. */
export interface Remark extends Flaw {
  readonly path: Path;
  readonly line: number | null;
}

/** What a reader found in a text. `root` is null when the text could not be read at all. */
export interface Reading {
  readonly root: Located | null;
  readonly remarks: readonly Remark[];
}

export interface Plain {
  readonly value: Json | undefined;
  readonly remarks: readonly Remark[];
  /** Line of the member's key or of the element, else of the nearest place around it. */
  readonly lineOf: (path: Path) => number;
}

/** Where a value stands, and what is inside it. */
interface Spot {
  readonly line: number;
  readonly parent: Spot | null;
  readonly key: string | number;
  readonly inner: Map<string, Spot>;
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
  const remarks: Remark[] = [];
  const note = (spot: Spot, line: number, flaw: Flaw) =>
    remarks.push({ ...flaw, path: pathOf(spot), line });

  /** `line`: of the key, where there is one; `before`: the object that the same key already has. */
  const plain = (node: Located, spot: Spot, line: number, before: Growing): Json | undefined => {
    for (const flaw of node.flaws ?? []) note(spot, line, flaw);
    if (node.kind === "absent") return undefined;
    if (node.kind === "map") return filled(before, node.members, spot);
    if (node.kind === "list") return listed(node.elements, spot);
    const flaw = scalarFlaw(node.value);
    if (flaw !== null) return void note(spot, line, flaw);
    return Object.is(node.value, -0) ? 0 : node.value;
  };

  const listed = (elements: readonly Located[], spot: Spot): Json => {
    const list: Json[] = [];
    for (const element of elements) {
      const value = plain(element, spotIn(spot, list.length, element.line), element.line, {});
      if (value !== undefined) list.push(value);
    }
    return list;
  };

  const filled = (target: Growing, members: readonly Member[], spot: Spot): Json => {
    for (const { key, line, value } of members) {
      const first = spot.inner.get(key);
      const place = first ?? spotIn(spot, key, line);
      const flaw = keyFlaw(key);
      if (flaw !== null) {
        note(place, line, flaw);
        continue;
      }
      if (first !== undefined) note(place, line, duplicate(key, first.line));
      const before = target[key];
      const member = plain(value, place, line, isGrowing(before) ? before : {});
      if (member !== undefined && before === undefined) target[key] = member;
    }
    return target;
  };

  const top: Spot = { line: root.line, parent: null, key: "", inner: new Map() };
  const value = plain(root, top, root.line, {});
  return { value, remarks, lineOf: (path) => nearest(top, path).line };
}

/** What a map or a list still being filled holds under a key; only `filled` makes such objects. */
function isGrowing(value: Json | undefined): value is Growing {
  return isJsonObject(value);
}

function spotIn(parent: Spot, key: string | number, line: number): Spot {
  const spot: Spot = { line, parent, key, inner: new Map() };
  parent.inner.set(String(key), spot);
  return spot;
}

function pathOf(spot: Spot): Path {
  const path: (string | number)[] = [];
  for (let at = spot; at.parent !== null; at = at.parent) path.unshift(at.key);
  return path;
}

function nearest(top: Spot, path: Path): Spot {
  let spot = top;
  for (const segment of path) {
    const inner = spot.inner.get(String(segment));
    if (inner === undefined) break;
    spot = inner;
  }
  return spot;
}

function keyFlaw(key: string): Flaw | null {
  if (key.length > MAX_KEY_LENGTH) {
    return {
      rule: "key-too-long",
      message: `expected a key of at most ${MAX_KEY_LENGTH} characters, found ${key.length}`,
      help: "Shorten it: the key is part of the name of everything inside it.",
    };
  }
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
