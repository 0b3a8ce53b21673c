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
  /** JSON Pointers into the payload of what is personal whatever a schema says; they stand before the part. */
  readonly own: readonly string[];
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
  if (type === "order.started") {
    return part(
      executable.data,
      "data",
      payload,
      payload["subject"] === undefined ? NONE : SUBJECT,
    );
  }
  if (type === "job.completed") {
    const job = order?.snapshot.jobs.find(({ id }) => id === payload["job"]);
    const schemas = job === undefined ? undefined : executable.jobs.get(job.type)?.output;
    return schemas === undefined ? null : part(schemas, "output", payload);
  }
  const schemas = executable.events.get(type)?.payload;
  return schemas === undefined ? null : { schemas, pointer: "", value: payload, own: NONE };
}

/** JSON Pointers into the payload, outermost only, in the payload's order. */
export function personalPlaces(judged: JudgedPart | null): readonly string[] {
  if (judged === null) return [];
  const { own, pointer, schemas, value } = judged;
  const places = schemas.personal(value).map((place) => pointer + place);
  return own.length === 0 ? places : [...own, ...places];
}

const NONE: readonly string[] = [];
/** Whose data an order holds. */
const SUBJECT: readonly string[] = ["/subject"];

function part(
  schemas: PayloadSchemas,
  field: string,
  payload: JsonObject,
  own = NONE,
): JudgedPart | null {
  const value = payload[field];
  return isJsonObject(value) ? { schemas, pointer: childOf("", field), value, own } : null;
}
