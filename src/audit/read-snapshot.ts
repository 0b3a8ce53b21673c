/** Reads a stored snapshot back. Its text is our own, byte for byte, so only its outline is checked; `verify` proves the rest. */

import { isJsonObject } from "../../machines/json.ts";
import type { OrderSnapshot } from "../../machines/order.ts";

/** @throws {Error} when the text is no snapshot: the database was altered, or another release wrote it */
export function readSnapshot(text: string): OrderSnapshot {
  const value: unknown = JSON.parse(text);
  if (!isSnapshot(value)) throw new Error(`Expected a snapshot, found ${text.slice(0, 40)}`);
  return value;
}

function isSnapshot(value: unknown): value is OrderSnapshot {
  return (
    isJsonObject(value) &&
    (typeof value["value"] === "string" || isJsonObject(value["value"])) &&
    (value["status"] === "active" || value["status"] === "done") &&
    [value["history"], value["data"], value["items"], value["performers"]].every(isJsonObject) &&
    Array.isArray(value["timers"]) &&
    Array.isArray(value["jobs"])
  );
}
