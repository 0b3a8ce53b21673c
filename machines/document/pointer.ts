/** JSON Pointers (RFC 6901): how every finding, taken transition and sealed field names its place in a document. */

import { isJsonObject, type Json, type JsonArray, type JsonObject } from "../json.ts";

export type Path = readonly (string | number)[];

/** The pointer to `path`, from the root: `""` for an empty path. */
export function pointerOf(path: Path): string {
  return path.map((segment) => `/${escaped(segment)}`).join("");
}

/** The pointer to a member or an element of the value that `pointer` names. */
export function childOf(pointer: string, ...path: Path): string {
  return pointer + pointerOf(path);
}

/** The pointer to the value that holds `pointer`'s; null for the root. */
export function parentOf(pointer: string): string | null {
  const end = pointer.lastIndexOf("/");
  return end < 0 ? null : pointer.slice(0, end);
}

/**
 * The unescaped segments of `pointer`.
 * @throws {RangeError} when `pointer` is neither empty nor begins with `/`
 */
export function segmentsOf(pointer: string): readonly string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) throw new RangeError(`not a JSON Pointer: ${pointer}`);
  return pointer.slice(1).split("/").map(unescaped);
}

/** The value at `path`; undefined where there is none. Never follows a prototype. */
export function valueAt(root: Json, path: Path): Json | undefined {
  let value: Json | undefined = root;
  for (const segment of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = memberOf(value, segment);
  }
  return value;
}

/** The value that `pointer` names; undefined where there is none. */
export function resolve(root: Json, pointer: string): Json | undefined {
  return valueAt(root, segmentsOf(pointer));
}

/** RFC 6901 section 4: an element's segment is `0` or digits without a leading zero. */
const ELEMENT = /^(0|[1-9][0-9]*)$/;

function memberOf(holder: JsonArray | JsonObject, segment: string | number): Json | undefined {
  if (isJsonObject(holder)) return Object.hasOwn(holder, segment) ? holder[segment] : undefined;
  return ELEMENT.test(String(segment)) ? holder[Number(segment)] : undefined;
}

function escaped(segment: string | number): string {
  return String(segment).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** `~1` goes first: `~01` is the text `~1`, not `/` (RFC 6901, section 4). */
function unescaped(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
