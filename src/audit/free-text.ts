/**
 * Where people and workers write what no schema judges: why a job failed, why somebody went on without it, why an order
 * was migrated. It is sealed like any personal value; entries of releases that did not seal it hold it in clear.
 */

import { resolve } from "../../machines/document/pointer.ts";
import type { JsonObject } from "../../machines/json.ts";
import { MIGRATED } from "./migrated-places.ts";

/** JSON Pointers into the payload; they stand behind what schemas call personal. */
export function freeTexts(type: string, payload: JsonObject): readonly string[] {
  const pointer = pointerOf(type, payload);
  return pointer !== null && typeof resolve(payload, pointer) === "string" ? [pointer] : NONE;
}

const NONE: readonly string[] = [];

function pointerOf(type: string, payload: JsonObject): string | null {
  switch (type) {
    case "job.failed":
      // What the engine itself says of a job that nobody claimed names nobody.
      return payload["claim"] === undefined ? null : "/error/message";
    case "job.completed":
    case "timer.cancelled":
    case MIGRATED:
      return "/reason";
    default:
      return null;
  }
}
