/** What is left of a malformed definition: enough that everything else in it can still be judged. */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { MAX_FINDINGS } from "./bounds.ts";
import { shapeOf, type Fault, type Shape } from "./check-shape.ts";
import type { DefinitionDocument } from "./document.ts";
import { pointerOf, valueAt, type Path } from "./pointer.ts";

/**
 * `value` without its malformed members and elements. A malformed declaration (a state, an event, an item) becomes an
 * empty one, so that what refers to it isn't called unknown as well. Null when there is no machine to go on with, or more
 * faults than are told.
 */
export function pruned(value: JsonObject, shape: Shape): DefinitionDocument | null {
  const replaced = new Set<string>();
  let left = value;
  let open = shape;
  // Every round replaces a value that was not replaced before, or takes one away: it ends.
  while (open.kind === "faulty") {
    if (!isJsonObject(left["machine"]) || open.faults.length > MAX_FINDINGS) return null;
    const mended = withoutFaults(left, open.faults, replaced);
    if (!isJsonObject(mended)) return null;
    left = mended;
    open = shapeOf(left);
  }
  return open.document;
}

function withoutFaults(value: JsonObject, faults: readonly Fault[], replaced: Set<string>): Json {
  const removed = cut();
  let left: Json = value;
  for (const { path } of faults) {
    const pointer = pointerOf(path);
    const standIn = replaced.has(pointer) ? undefined : standInFor(path);
    if (standIn === undefined) {
      // What lacks a member can't stay without it.
      mark(removed, valueAt(value, path) === undefined ? path.slice(0, -1) : path);
    } else {
      replaced.add(pointer);
      left = withMember(left, path, standIn);
    }
  }
  return removed.isHere ? null : without(left, removed);
}

/** What stands for a malformed or missing value that others refer to; undefined: nothing does. */
function standInFor(path: Path): Json | undefined {
  const [root, , member] = path;
  if (path.length === 1) return ROOT_STAND_INS.get(String(root));
  if (path.length === 2) return DECLARATION_STAND_INS.get(String(root));
  if (path.length === 3) {
    const standIn = MEMBER_STAND_INS.get(`${root}/${member}`);
    if (standIn !== undefined) return standIn;
  }
  return path.at(-2) === "states" ? {} : undefined;
}

const ROOT_STAND_INS: ReadonlyMap<string, Json> = new Map([
  ["process", "unnamed"],
  ["version", "0.0.0"],
]);
const DECLARATION_STAND_INS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["events", {}],
  ["effects", {}],
  ["jobs", {}],
  ["messages", ""],
  ["items", { key: "id", machine: {} }],
  ["calendars", { timeZone: "UTC", hours: {} }],
]);
const MEMBER_STAND_INS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["items/key", "id"],
  ["items/machine", {}],
  ["calendars/timeZone", "UTC"],
  ["calendars/hours", {}],
]);

function withMember(holder: Json, [key, ...rest]: Path, member: Json): Json {
  if (key === undefined) return member;
  if (!isJsonObject(holder)) return holder;
  return { ...holder, [key]: withMember(holder[key] ?? {}, rest, member) };
}

/** A tree of places to remove, so that only the paths to them are visited. */
interface Cut {
  isHere: boolean;
  readonly inner: Map<string, Cut>;
}

function cut(): Cut {
  return { isHere: false, inner: new Map() };
}

function mark(root: Cut, path: Path): void {
  let at = root;
  for (const segment of path) {
    const inner = at.inner.get(String(segment)) ?? cut();
    at.inner.set(String(segment), inner);
    at = inner;
  }
  at.isHere = true;
}

function without(value: Json, removed: Cut): Json {
  const left = (member: Json, key: string | number): Json => {
    const inner = removed.inner.get(String(key));
    return inner === undefined ? member : without(member, inner);
  };
  const stays = (key: string | number) => removed.inner.get(String(key))?.isHere !== true;
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => stays(key))
        .map(([key, member]) => [key, left(member, key)]),
    );
  }
  if (!Array.isArray(value)) return value;
  return value.map(left).filter((_: Json, index) => stays(index));
}
