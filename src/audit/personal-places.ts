/** Where an event's payload holds personal values: the one answer for whoever seals it and whoever checks the seals. */

import type { Executable } from "../../machines/compile/executable.ts";
import { childOf } from "../../machines/document/pointer.ts";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import type { Order } from "../../machines/order.ts";
import type { PayloadSchemas } from "../../machines/schema/compile-schema.ts";

/** The part of a payload that a schema of the document judges. */
export interface JudgedPart {
  readonly schemas: PayloadSchemas;
  /** JSON Pointer of the part in the payload. */
  readonly pointer: string;
  readonly value: JsonObject;
}

/**
 * An event's whole payload, the start's `data`, a job's `output`; null where the document has no schema for it.
 * @param order before the event; null before the start
 */
export function judgedPart(
  executable: Executable,
  order: Order | null,
  type: string,
  payload: JsonObject,
): JudgedPart | null {
  if (type === "order.started") return part(executable.data, "data", payload);
  if (type === "job.completed") {
    const job = order?.snapshot.jobs.find(({ id }) => id === payload["job"]);
    const schemas = job === undefined ? undefined : executable.jobs.get(job.type)?.output;
    return schemas === undefined ? null : part(schemas, "output", payload);
  }
  const schemas = executable.events.get(type)?.payload;
  return schemas === undefined ? null : { schemas, pointer: "", value: payload };
}

/** JSON Pointers into the payload, outermost only, in the payload's order. */
export function personalPlaces(judged: JudgedPart | null): readonly string[] {
  if (judged === null) return [];
  return judged.schemas.personal(judged.value).map((place) => judged.pointer + place);
}

function part(schemas: PayloadSchemas, field: string, payload: JsonObject): JudgedPart | null {
  const value = payload[field];
  return isJsonObject(value) ? { schemas, pointer: childOf("", field), value } : null;
}
