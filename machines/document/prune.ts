/** What is left of a malformed definition: enough that everything else in it can still be judged. */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { shapeFaults, type Fault } from "./check-shape.ts";
import type { DefinitionDocument } from "./document.ts";
import { childOf, pointerOf, valueAt, type Path } from "./pointer.ts";
import { isDefinitionDocument } from "./schema.ts";

/**
 * `value` without its malformed members and elements. A malformed declaration (a state, an event, an item) becomes an
 * empty one, so that what refers to it isn't called unknown as well. Null when there is no machine to go on with.
 */
export function pruned(value: JsonObject, faults: readonly Fault[]): DefinitionDocument | null {
  if (!isJsonObject(value["machine"])) return null;
  const replaced = new Set<string>();
  let left: Json = value;
  let faulty = faults;
  // Every round replaces a value that was not replaced before, or takes one away: it ends.
  while (faulty.length > 0) {
    const removed = new Set<string>();
    for (const { path } of faulty) {
      const pointer = pointerOf(path);
      const standIn = replaced.has(pointer) ? undefined : standInFor(path);
      if (standIn !== undefined) {
        replaced.add(pointer);
        left = withMember(left, path, standIn);
      } else {
        // What lacks a member can't stay without it.
        removed.add(pointerOf(valueAt(left, path) === undefined ? path.slice(0, -1) : path));
      }
    }
    left = without(left, "", removed);
    if (removed.has("") || !isJsonObject(left)) return null;
    faulty = shapeFaults(left);
  }
  return isJsonObject(left) && isDefinitionDocument(left) ? left : null;
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

function without(value: Json, pointer: string, removed: ReadonlySet<string>): Json {
  const stays = (key: string | number) => !removed.has(childOf(pointer, key));
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => stays(key))
        .map(([key, member]) => [key, without(member, childOf(pointer, key), removed)]),
    );
  }
  if (!Array.isArray(value)) return value;
  return value
    .map((element: Json, index) => ({ element, index }))
    .filter(({ index }) => stays(index))
    .map(({ element, index }) => without(element, childOf(pointer, index), removed));
}
