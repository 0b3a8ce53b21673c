/** Opaque cursors of lists: the sort key of the last row given, so that rows that move never shift a page. */

import { BadCursor } from "./errors.ts";

export type CursorKey = readonly (string | number)[];

export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/** @throws {BadCursor} when it is not a cursor of a list with these kinds of keys */
export function decodeCursor<const Kinds extends readonly ("string" | "number")[]>(
  cursor: string,
  kinds: Kinds,
): { [Index in keyof Kinds]: Kinds[Index] extends "string" ? string : number } {
  const key = parse(cursor);
  if (!fits(key, kinds)) {
    throw new BadCursor("The cursor is not one that this list gave: start again without a cursor.");
  }
  return key;
}

function fits<const Kinds extends readonly ("string" | "number")[]>(
  key: unknown,
  kinds: Kinds,
): key is { [Index in keyof Kinds]: Kinds[Index] extends "string" ? string : number } {
  return (
    Array.isArray(key) &&
    key.length === kinds.length &&
    kinds.every((kind, index) =>
      kind === "number" ? Number.isSafeInteger(key[index]) : typeof key[index] === "string",
    )
  );
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
