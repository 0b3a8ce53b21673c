/**
 * What a history holds, as another definition would have been told it: personal values where that one seals them, in clear
 * where it does not, and what nobody sent but a default left out.
 */

import { isDeepStrictEqual } from "node:util";
import type { Executable } from "../../../machines/compile/executable.ts";
import { resolve } from "../../../machines/document/pointer.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";
import type { Order } from "../../../machines/order.ts";
import type { ValidationError } from "../../../machines/schema/compile-schema.ts";
import { commitmentsIn, unseal, withTokens } from "../../../machines/schema/tokens.ts";
import { sha256 } from "../entry.ts";
import { judgedPart, personalPlaces } from "../personal-places.ts";

export interface Restated {
  readonly payload: JsonObject;
  /** What the schema refuses of values that are known. */
  readonly errors: readonly ValidationError[];
  /** Whether the value at a place of the payload can't be judged, because it is sealed and was not disclosed. */
  readonly isWithheld: (pointer: string) => boolean;
}

/**
 * @param order under the other definition, before the event; null before its start
 * @param values personal values by commitment
 */
export function restated(
  executable: Executable,
  order: Order | null,
  { type, payload }: { readonly type: string; readonly payload: JsonObject },
  values: ReadonlyMap<string, Json>,
): Restated {
  const opened = unseal(payload, values);
  const isWithheld = (pointer: string): boolean => {
    const value = resolve(opened, pointer);
    return value !== undefined && commitmentsIn(value).length > 0;
  };
  const judged = judgedPart(executable, order, type, opened);
  if (judged === null) return { payload: opened, errors: [], isWithheld };
  const errors = judged.schemas
    .raw(judged.value)
    .map(({ pointer, message }) => ({ pointer: judged.pointer + pointer, message }))
    .filter(({ pointer }) => !isWithheld(pointer));
  const sealed = withTokens(opened, personalPlaces(judged), (value, pointer) => {
    const token = tokenOf(value) ?? tokenOf(resolve(payload, pointer));
    // The other definition seals what this one did not: any commitment will do that is the same at every run.
    return token ?? sha256(JSON.stringify([pointer, value]));
  });
  return { payload: sealed, errors, isWithheld };
}

/** The data of a start without what only the recorded definition's defaults put there. */
export function withoutDefaults(told: Executable, other: Executable, data: JsonObject): JsonObject {
  const defaults = told.data.withDefaults({});
  const others = other.data.withDefaults({});
  const { properties } = isJsonObject(other.data.schema) ? other.data.schema : {};
  const isAsked = (field: string): boolean =>
    isJsonObject(properties) && Object.hasOwn(properties, field) && !Object.hasOwn(others, field);
  const isSent = ([field, value]: readonly [string, Json]): boolean =>
    !Object.hasOwn(defaults, field) || !isDeepStrictEqual(defaults[field], value) || isAsked(field);
  return Object.fromEntries(Object.entries(data).filter(isSent));
}

const TOKEN = /^sealed:([0-9a-f]{64})$/;

function tokenOf(value: Json | undefined): string | null {
  return typeof value === "string" ? (TOKEN.exec(value)?.[1] ?? null) : null;
}
