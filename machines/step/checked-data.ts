/** Data after a step: valid by its schema, and its keys in the schema's order, so that its text is the same however it came to be. */

import type { JsonObject } from "../json.ts";
import type { PayloadSchemas, ValidationError } from "../schema/compile-schema.ts";
import { StepFailure } from "./failure.ts";

/**
 * @param before valid data that `after` was made from by assigning fields; null when nothing is known of it
 * @throws {StepFailure} `data-invalid`
 */
export function checkedData(
  before: JsonObject | null,
  after: JsonObject,
  schemas: PayloadSchemas,
  whose: string,
): JsonObject {
  if (before === after) return after;
  const changed = Object.keys(after).filter((field) => before?.[field] !== after[field]);
  const errors = before === null ? schemas.sealed(after) : errorsIn(changed, after, schemas);
  if (errors.length > 0) {
    throw new StepFailure(
      "data-invalid",
      `Expected the data of ${whose} to stay what its schema allows; this step would make it otherwise.`,
      { errors },
    );
  }
  const added = before === null || changed.some((field) => !Object.hasOwn(before, field));
  return added ? inSchemaOrder(after, schemas) : after;
}

function errorsIn(
  changed: readonly string[],
  data: JsonObject,
  schemas: PayloadSchemas,
): readonly ValidationError[] {
  const { sealedFields } = schemas;
  const errors: ValidationError[] = [];
  for (const field of changed) {
    const judge = sealedFields?.get(field);
    if (judge === undefined) return schemas.sealed(data);
    for (const { pointer, message } of judge(data[field] ?? null)) {
      errors.push({ pointer: `/${field}${pointer}`, message });
    }
  }
  return errors;
}

function inSchemaOrder(data: JsonObject, { sealedFields }: PayloadSchemas): JsonObject {
  if (sealedFields === null) return data;
  const known = [...sealedFields.keys()].filter((field) => Object.hasOwn(data, field));
  const others = Object.keys(data).filter((field) => !sealedFields.has(field));
  return Object.fromEntries([...known, ...others].map((field) => [field, data[field] ?? null]));
}
