/** The problem document (RFC 9457) as the OpenAPI document describes it. */

import { z } from "@hono/zod-openapi";
import { PROBLEMS } from "../problem.ts";
import { finding } from "./definition.ts";
import { blockedEvent, enabledEvent } from "./work-order.ts";

export const problemSchema = z
  .looseObject({
    type: z.string().openapi({ description: "URL reference of the code's meaning" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS)),
    retryable: z.boolean(),
    requestId: z
      .string()
      .optional()
      .openapi({ description: "`X-Request-Id` of the answer; name it when you report a problem" }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional(),
          parameter: z.string().optional(),
          message: z.string(),
        }),
      )
      .optional(),
    currentRevision: z
      .int()
      .optional()
      .openapi({ description: "where the order stands: read it again, decide anew" }),
    enabled: z
      .array(enabledEvent)
      .optional()
      .openapi({ description: "what the caller may send instead" }),
    blocked: z
      .array(blockedEvent)
      .optional()
      .openapi({ description: "what the state knows but refuses, and why" }),
    because: z
      .string()
      .optional()
      .openapi({ description: "the guard, rule or invariant that refused, as it is written" }),
    pointer: z
      .string()
      .optional()
      .openapi({ description: "JSON Pointer into the definition, of what refused" }),
    findings: z
      .array(finding)
      .optional()
      .openapi({ description: "everything that is wrong with the definition" }),
    assignee: z.string().optional().openapi({ description: "who has claimed the task" }),
    order: z.string().optional().openapi({ description: "the order that it is about, in a list" }),
    revision: z.int().optional().openapi({ description: "of the order's entry that is at fault" }),
    orders: z.array(z.string()).optional().openapi({
      description: "orders between which the request does not decide",
    }),
  })
  .openapi("Problem", {
    example: {
      type: "/problems/revision-mismatch",
      title: "The order has moved on",
      status: 412,
      detail: "The order is at revision 7; If-Match named 6. Read it again and decide anew.",
      code: "revision-mismatch",
      retryable: false,
      currentRevision: 7,
    },
  });
