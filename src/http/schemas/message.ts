/** Messages from outside as they come and as they leave the server. */

import { z } from "@hono/zod-openapi";
import { instantAnswer, jsonObject, name } from "./common.ts";

const MAX_TTL_S = 30 * 86_400;
const MAX_FIELDS = 8;
const MAX_PATH = 200;

/** Keys of nested objects with dots between; no part begins with a digit, because lists have no names. */
const FIELD_PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*){0,15}$/;

const scalar = z.union([
  name.openapi({ description: "as the order has it, letter by letter" }),
  z.number(),
  z.boolean(),
]);

const correlation = z
  .record(z.string().max(MAX_PATH).regex(FIELD_PATH, "expected a dotted path of names"), scalar)
  .refine((fields) => {
    const count = Object.keys(fields).length;
    return count >= 1 && count <= MAX_FIELDS;
  }, `expected 1 to ${MAX_FIELDS} fields`)
  .refine(
    ({ businessKey }) => businessKey === undefined || typeof businessKey === "string",
    "expected a text as businessKey",
  )
  .openapi({
    minProperties: 1,
    maxProperties: MAX_FIELDS,
    description:
      "What the order has, all of it and equal in type: `businessKey`, and fields of its `data` by dotted path",
    example: { businessKey: "WO-2026-0042", "vehicle.model": "Compact 1.5" },
  });

export const messageRequest = z
  .strictObject({
    name: name.openapi({ description: "the event that it becomes" }),
    correlation,
    payload: jsonObject.default({}),
    ttlSeconds: z
      .int()
      .min(1)
      .max(MAX_TTL_S)
      .optional()
      .openapi({ description: "how long it may wait for an order; absent: not at all" }),
  })
  .openapi("SendMessage", {
    example: {
      name: "WALK_IN",
      correlation: { businessKey: "WO-2026-0042" },
      payload: {},
      ttlSeconds: 86_400,
    },
  });

export const MESSAGE_STATES = ["kept", "delivered", "refused", "expired", "withdrawn"] as const;

export const message = z
  .object({
    id: z.uuid(),
    name: z.string(),
    correlation: z.record(z.string(), scalar),
    state: z.enum(MESSAGE_STATES).openapi({
      description: "`refused`: the order that waited for it did not take it; `code` says why",
    }),
    createdAt: instantAnswer,
    expiresAt: instantAnswer,
    endedAt: instantAnswer.nullable().openapi({ description: "null: it is kept" }),
    order: z.string().nullable().openapi({ description: "the order that took or refused it" }),
    revision: z.int().nullable().openapi({ description: "the revision that it made" }),
    code: z.string().nullable().openapi({ description: "of the refusal" }),
  })
  .openapi("Message");
