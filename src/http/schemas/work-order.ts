/** The work order as it leaves the server, and what creates and moves it. */

import { z } from "@hono/zod-openapi";
import {
  digest,
  instantAnswer,
  jsonObject,
  jsonSchema,
  name,
  orderId,
  processName,
  stateValue,
  version,
} from "./common.ts";

export const enabledEvent = z
  .object({
    event: z.string(),
    item: z.string().optional().openapi({ description: "`collection/id` of the item it is for" }),
    title: z.string().openapi({ description: "in the asked language" }),
    by: z.array(z.string()),
    payloadSchema: jsonSchema,
    when: z
      .string()
      .optional()
      .openapi({ description: "guard that needs the payload to be decided" }),
    whenWhy: z.string().optional().openapi({ description: "the same in words" }),
  })
  .openapi("EnabledEvent");

export const blockedEvent = z
  .object({
    event: z.string(),
    item: z.string().optional(),
    title: z.string().openapi({ description: "in the asked language" }),
    by: z.array(z.string()),
    because: z.string().openapi({ description: "the guard, role or rule that refuses" }),
    why: z.string().openapi({ description: "the same in words, in the asked language" }),
  })
  .openapi("BlockedEvent");

export const timer = z.object({
  id: z.string(),
  item: z.string().optional(),
  event: z.string().openapi({ description: "the state that waits, and its delay" }),
  dueAt: instantAnswer,
});

const job = z.object({ id: z.string(), type: z.string(), state: z.enum(["open", "failed"]) });

export const workOrder = z
  .object({
    id: orderId,
    process: processName,
    version,
    digest,
    businessKey: z.string().nullable(),
    centre: z.string().nullable(),
    revision: z.int().positive(),
    status: z.enum(["active", "done", "incident"]),
    outcome: z.string().nullable(),
    step: z.string().nullable(),
    state: stateValue,
    stateTitle: z.string().openapi({
      description: "where it stands, in the asked language",
      example: "Repair › In progress",
    }),
    tags: z.array(z.string()),
    data: jsonObject,
    items: z.record(z.string(), z.array(z.looseObject({ id: z.string(), state: stateValue }))),
    enabled: z.array(enabledEvent),
    blocked: z.array(blockedEvent),
    timers: z.array(timer),
    jobs: z.array(job),
    createdAt: instantAnswer,
    updatedAt: instantAnswer,
    testClock: z.string().optional(),
  })
  .openapi("WorkOrder");

export const createRequest = z
  .strictObject({
    process: processName,
    version: version.optional(),
    id: orderId.optional(),
    businessKey: name.optional(),
    centre: name.optional(),
    testClock: name.optional().openapi({ description: "test clock that the order lives by" }),
    subject: name.optional().openapi({
      description:
        "whose data the order holds, by a name that means something to you; it is sealed as personal. Orders of one subject and centre share one key, so that they are erased together; without it an order is erased by itself",
      example: "customer-4711",
    }),
    data: jsonObject.optional(),
  })
  .openapi("CreateWorkOrder", {
    example: {
      process: "service-visit",
      businessKey: "WO-1",
      centre: "sh-01",
      data: { vehicle: { plate: "沪A12345" } },
    },
  });

export const eventRequest = z
  .strictObject({ type: z.string().min(1).max(200), payload: jsonObject.default({}) })
  .openapi("SendEvent", { example: { type: "FINISH_REPAIR", payload: {} } });
