/** Where the payload of a migration holds personal values: by the schemas of the version that the order goes to. */

import type { Executable } from "../../machines/compile/executable.ts";
import { childOf } from "../../machines/document/pointer.ts";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import type { PayloadSchemas } from "../../machines/schema/compile-schema.ts";

export const MIGRATED = "order.migrated";

/** JSON Pointers into the payload, outermost only, in the payload's order. */
export function migratedPlaces(to: Executable, payload: JsonObject): readonly string[] {
  return migratedParts(to, payload).flatMap(({ pointer, value, schemas }) =>
    schemas.personal(value).map((place) => pointer + place),
  );
}

/** Data that an order or an item gets: some of its fields. */
export interface MigratedPart {
  readonly schemas: PayloadSchemas;
  /** JSON Pointer of the part in the payload. */
  readonly pointer: string;
  readonly value: JsonObject;
}

export function migratedParts(to: Executable, payload: JsonObject): readonly MigratedPart[] {
  const parts: MigratedPart[] = [];
  const add = (pointer: string, value: unknown, schemas: PayloadSchemas): void => {
    if (isJsonObject(value)) parts.push({ schemas, pointer, value });
  };
  add("/data", payload["data"], to.data);
  for (const [collection, item] of Object.entries(objectIn(payload["items"]))) {
    const { to: into, each } = objectIn(item);
    const spec = to.items.get(typeof into === "string" ? into : collection);
    if (spec === undefined) continue;
    for (const [id, part] of Object.entries(objectIn(each))) {
      add(childOf("/items", collection, "each", id, "data"), objectIn(part)["data"], spec.data);
    }
  }
  return parts;
}

function objectIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
