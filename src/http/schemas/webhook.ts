/** Webhooks and their deliveries as requests and answers have them. */

import { z } from "@hono/zod-openapi";
import { isEventPattern } from "../../runtime/webhook-patterns.ts";
import { isWebhookSecret } from "../../runtime/webhook-secrets.ts";
import { ROLE_NAME } from "../token.ts";
import { instantAnswer, name, orderId } from "./common.ts";

const WEEK_S = 7 * 86_400;
const DAY_S = 86_400;

export const webhookId = z.uuid().toLowerCase().openapi({
  example: "01980c3e-6c1a-7000-8000-0123456789cd",
});

const url = name.max(2048).openapi({
  description:
    "Where deliveries are sent: `https`, to a public address, without a user name or password. The operator may allow others",
  example: "https://erp.example.com/sevenstep",
});

const events = z
  .array(
    z
      .string()
      .max(200)
      .refine(isEventPattern, "expected a type of event, or the beginning of one and `*`"),
  )
  .min(1)
  .max(50)
  .openapi({
    description:
      "`sevenstep.work-order.created`, `.changed`, `.done`; `sevenstep.effect.<name>` of the definition; " +
      "`sevenstep.job.opened`; `sevenstep.task.opened`; `sevenstep.incident.opened`, `.closed`. A prefix and `*` takes " +
      "all that begin so. `sevenstep.log.checkpoint` comes up to ten times a second and must be named as it is",
    items: { type: "string" },
    example: ["sevenstep.work-order.*", "sevenstep.effect.notify"],
  });

const description = name.max(500).openapi({ description: "For whoever looks after it" });

const secret = z
  .string()
  .refine(isWebhookSecret, "expected `whsec_` and base64 of 24 to 64 bytes")
  .optional()
  .openapi({
    description: "`whsec_` and base64 of 24 to 64 bytes; absent: the server draws one",
    type: "string",
    example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
  });

export const createWebhookRequest = z
  .strictObject({
    url,
    events,
    secret,
    description: description.optional(),
    roles: z
      .array(z.string().regex(ROLE_NAME))
      .min(1)
      .max(32)
      .optional()
      .openapi({
        description:
          "With whose eyes bodies are written: persons' data is open where one of these takes part in the order's process. " +
          "Absent: the caller's",
      }),
  })
  .openapi("CreateWebhook", {
    example: {
      url: "https://erp.example.com/sevenstep",
      events: ["sevenstep.work-order.*", "sevenstep.effect.notify"],
      description: "the ERP's own copy",
    },
  });

export const changeWebhookRequest = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    description: description.nullable().optional(),
    disabled: z.boolean().optional().openapi({
      description:
        "While it is true nothing new is queued, and what is queued waits; `false` sends all that waits at once",
    }),
  })
  .openapi("ChangeWebhook", { example: { disabled: false } });

export const rotateSecretRequest = z
  .strictObject({
    overlapSeconds: z.int().min(0).max(WEEK_S).default(DAY_S).openapi({
      description: "How long the secret until now signs beside the new one",
    }),
    secret,
  })
  .openapi("RotateWebhookSecret", { example: { overlapSeconds: 86_400 } });

const shown = {
  id: webhookId,
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.string()),
  roles: z.array(z.string()),
  centres: z
    .union([z.literal("*"), z.array(z.string())])
    .openapi({ description: "It is told of orders in these; `*`: all" }),
  disabled: z.boolean(),
  disabledBecause: z.enum(["requested", "gone"]).nullable().openapi({
    description: "`gone`: the endpoint answered 410",
  }),
  previousSecretsUntil: z.array(instantAnswer).openapi({
    description: "When each secret before the present one stops signing",
  }),
  createdBy: z.string(),
  createdAt: instantAnswer,
  updatedAt: instantAnswer,
};

export const webhook = z.object(shown).openapi("Webhook");

export const webhookMade = z
  .object({
    ...shown,
    secret: z.string().openapi({
      description: "What a receiver verifies signatures with; told this once, and kept sealed",
      example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
    }),
  })
  .openapi("WebhookMade");

export const deliveryState = z.enum(["pending", "delivered", "dead"]);

const attempt = z.object({
  at: instantAnswer,
  status: z.int().nullable().openapi({ description: "What the endpoint answered; null: nothing" }),
  error: z.string().nullable().openapi({
    description: "Why no answer came, such as `timed-out`",
    example: "timed-out",
  }),
  durationMs: z.int(),
});

export const delivery = z
  .object({
    id: z.string().openapi({ description: "The event's, as in the header `webhook-id`" }),
    type: z.string(),
    order: orderId.nullable().openapi({ description: "null: a test" }),
    revision: z.int().nullable(),
    state: deliveryState,
    createdAt: instantAnswer,
    endedAt: instantAnswer.nullable(),
    nextAttemptAt: instantAnswer.nullable().openapi({
      description: "null: it has ended, or waits for an earlier one of its order",
    }),
    attempts: z.array(attempt).openapi({ description: "The latest 50, oldest first" }),
  })
  .openapi("Delivery");
