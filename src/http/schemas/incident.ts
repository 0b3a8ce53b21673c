/** Incidents as they leave the server, and what closes them. */

import { z } from "@hono/zod-openapi";
import { instantAnswer, jsonObject, orderId, processName, version } from "./common.ts";

export const incident = z
  .object({
    id: z.string().openapi({ example: "01980c3e-6c1a-7000-8000-0123456789ab.1" }),
    order: orderId,
    process: processName,
    version,
    centre: z.string().nullable(),
    revision: z.int().positive().openapi({ description: "of the order when it got stuck" }),
    status: z.enum(["open", "closed"]),
    source: z
      .object({ kind: z.enum(["timer", "job"]), id: z.string() })
      .openapi({ description: "the timer or the job that could not go on" }),
    code: z.string().openapi({ example: "expression-failed" }),
    detail: z.string(),
    pointer: z
      .string()
      .nullable()
      .openapi({ description: "JSON Pointer into the definition, of what failed" }),
    openedAt: instantAnswer,
    closedAt: instantAnswer.nullable(),
    closedBy: z.string().nullable().openapi({
      description: "null: open, or a later step of the order took the timer or job away",
    }),
    reason: z.string().nullable(),
  })
  .openapi("Incident");

const reason = z
  .string()
  .min(1)
  .max(2000)
  .regex(/^[^\0]*$/, "must not hold U+0000");

export const retryRequest = z
  .strictObject({ reason })
  .openapi("RetryIncident", { example: { reason: "The printer is back." } });

export const resolveRequest = z
  .strictObject({
    reason: reason.openapi({
      description: "it stays in the order's history, so it names no person",
    }),
    output: jsonObject.optional().openapi({
      description: "of the job, in place of a worker's; absent: empty. A timer has none",
    }),
  })
  .openapi("ResolveIncident", { example: { reason: "Printed by hand.", output: { pages: 2 } } });
