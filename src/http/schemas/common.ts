/** The small schemas that all requests and answers are made of. */

import { z } from "@hono/zod-openapi";
import { isJsonObject } from "../../../machines/json.ts";
import type { JsonObject, JsonSchema } from "../../../machines/json.ts";
import type { StateValue } from "../../../machines/order.ts";
import { formatInstant, parseInstant } from "../../../machines/time/instant.ts";

/** RFC 3339 with any offset, of the years that a clock here can show; goes on as UTC with milliseconds. */
export const instant = z
  .string()
  .transform((text, context) => {
    const ms = parseInstant(text);
    if (ms !== null) return formatInstant(ms);
    context.addIssue("expected an RFC 3339 instant of the years 1970 to 9999");
    return z.NEVER;
  })
  .openapi({ type: "string", format: "date-time", example: "2026-11-23T08:00:00.000Z" });

export const instantAnswer = z
  .string()
  .openapi({ format: "date-time", example: "2026-11-23T08:00:00.000Z" });

export const digest = z
  .string()
  .openapi({ description: "SHA-256, lower-case hex", pattern: "^[0-9a-f]{64}$" });

/** Text that the database can hold (no U+0000), of a name's length. */
export const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\0]*$/, "must not hold U+0000");

export const processName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,99}$/)
  .openapi({ example: "service-visit" });

export const version = z
  .string()
  .max(64)
  .regex(/^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/)
  .openapi({ example: "1.0.0" });

/** Capitals name the same UUID (RFC 9562 section 4), so there is one way to write it from here on. */
export const orderId = z.uuid().toLowerCase().openapi({
  description: "UUID; version 7 when the server drew it",
  example: "01980c3e-6c1a-7000-8000-0123456789ab",
});

/** Not looked into: what reaches a schema came out of `JSON.parse`, and the definition's own schemas judge the rest. */
export const jsonObject = z
  .custom<JsonObject>(isJsonObject, "expected an object")
  .openapi({ type: "object", additionalProperties: true });

export const jsonSchema = z
  .custom<JsonSchema>((value) => typeof value === "boolean" || isJsonObject(value))
  .openapi({ description: "JSON Schema 2020-12", type: ["object", "boolean"] });

export const stateValue = z.custom<StateValue>(isTextOrObject).openapi("StateValue", {
  description: "XState's state value: a state's key, or one member per active region",
  type: ["string", "object"],
  example: { appointment: "booked" },
});

export const stateBefore = z
  .custom<StateValue | null>((value) => value === null || isTextOrObject(value))
  .openapi({
    description: "XState's state value; null: the order's first entry",
    type: ["string", "object", "null"],
  });

function isTextOrObject(value: unknown): boolean {
  return typeof value === "string" || isJsonObject(value);
}

export const limit = z
  .string()
  .regex(/^\d{1,3}$/, "expected a number from 1 to 500")
  .transform(Number)
  .pipe(z.number().min(1).max(500))
  .default(50)
  .openapi({ type: "integer", minimum: 1, maximum: 500, default: 50 });

export const revision = z
  .string()
  .regex(/^\d{1,9}$/, "expected a revision, a number")
  .transform(Number)
  .openapi({ type: "integer", minimum: 0 });

/** In a query. */
export const flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .openapi({ type: "boolean" });

export const cursor = z
  .string()
  .max(500)
  .openapi({ description: "`nextCursor` of the page before, with the same filters" });

/** Of a list that has no filter. */
export const pageQuery = z.strictObject({ limit, cursor: cursor.optional() });

export const noParameters = z.strictObject({});

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().openapi({ description: "null: this is the last page" }),
  });
}
