/** Human tasks as they leave the server. */

import { z } from "@hono/zod-openapi";
import { SUBJECT } from "../token.ts";
import { instantAnswer, orderId, processName, version } from "./common.ts";
import { enabledEvent } from "./work-order.ts";

export const task = z
  .object({
    id: z.string().openapi({
      description: "the order's id, the revision that opened the task, and its position there",
      example: "01980c3e-6c1a-7000-8000-0123456789ab.7.1",
    }),
    order: orderId,
    process: processName,
    version,
    businessKey: z.string().nullable(),
    centre: z.string().nullable(),
    revision: z.int().positive().openapi({ description: "the order's, for `If-Match`" }),
    step: z.string().nullable().openapi({ description: "where the order stands" }),
    state: z.string().openapi({ description: "path of the state that waits for a person" }),
    item: z.string().optional().openapi({ description: "`collection/id` of the item it is about" }),
    title: z.string().openapi({ description: "in the asked language" }),
    role: z.string().nullable().openapi({ description: "who does it; null: not said" }),
    assignee: z.string().nullable().openapi({ description: "who took it; null: nobody yet" }),
    openedAt: instantAnswer,
    dueAt: z.iso
      .datetime()
      .nullable()
      .openapi({ description: "when the state's earliest timer falls or fell due; null: none" }),
    events: z
      .array(enabledEvent)
      .openapi({ description: "what the caller may send now to go on with it, or to end it" }),
  })
  .openapi("Task");

export const claimRequest = z
  .strictObject({
    assignee: z.string().regex(SUBJECT, "expected the `sub` of a token").optional().openapi({
      description:
        "who shall have it, by `sub`; absent: the caller. Others: admin and manager only",
    }),
  })
  .openapi("ClaimTask", { example: { assignee: "tech-7" } });
