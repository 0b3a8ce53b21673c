/** Jobs as they leave the server, and what workers send about them. */

import { z } from "@hono/zod-openapi";
import { instantAnswer, jsonObject, name, orderId, processName, version } from "./common.ts";

const orderOfJob = z.object({
  id: orderId,
  process: processName,
  version,
  businessKey: z.string().nullable(),
  centre: z.string().nullable(),
  revision: z.int().positive(),
});

const described = {
  id: z.string().openapi({
    description: "the same in every attempt, and in the work order's `jobs`",
    example: "01980c3e-6c1a-7000-8000-0123456789ab.3.1",
  }),
  type: z.string(),
  order: orderOfJob,
  item: z.string().optional().openapi({ description: "`collection/id` of the item it is for" }),
  input: jsonObject,
};

export const claimedJob = z
  .object({
    ...described,
    attempt: z.int().positive(),
    retriesLeft: z.int().nonnegative().openapi({ description: "when this attempt fails" }),
    leaseUntil: instantAnswer,
    leaseToken: z.string().openapi({ description: "names this very claim, and is its secret" }),
  })
  .openapi("ClaimedJob");

export const job = z
  .object({
    ...described,
    state: z.enum(["open", "leased", "failed"]).openapi({
      description: "failed: retries are out, and an incident is open",
    }),
    attempts: z.int().nonnegative(),
    openedAt: instantAnswer,
    availableAt: instantAnswer.openapi({ description: "not offered before" }),
    worker: z.string().nullable(),
    leaseUntil: instantAnswer.nullable(),
  })
  .openapi("Job");

/** Types of the engine's own jobs hold a colon. */
const jobType = name.regex(/^[^:]*$/, "no job of a definition has such a type");

const leaseSeconds = z.int().min(1).max(43_200);

const leaseToken = z.string().min(1).max(200).optional().openapi({
  description: "of the claim; absent: any claim of the caller's own `sub` will do",
});

export const claimRequest = z
  .strictObject({
    types: z.array(jobType).min(1).max(50),
    process: processName.optional().openapi({
      description:
        "only jobs of this process, where several have jobs of the same type; absent: of all",
    }),
    worker: name.optional().openapi({ description: "what the worker calls itself" }),
    max: z.int().min(1).max(100).default(1),
    leaseSeconds: leaseSeconds.default(30),
    waitSeconds: z.int().min(0).max(60).default(0).openapi({
      description: "how long to wait for a job when there is none",
    }),
  })
  .openapi("ClaimJobs", {
    example: { types: ["print"], worker: "printer-1", max: 10, leaseSeconds: 60, waitSeconds: 30 },
  });

export const claimAnswer = z.object({ items: z.array(claimedJob) }).openapi("ClaimedJobs");

export const completeRequest = z
  .strictObject({
    output: jsonObject.optional().openapi({ description: "absent: an empty object" }),
    leaseToken,
  })
  .openapi("CompleteJob", { example: { output: { pages: 2 } } });

const errorMessage = z
  .string()
  .max(2000)
  .regex(/^[^\0]*$/, "must not hold U+0000")
  .openapi({ description: "it stays in the order's history, so it names no person" });

export const failRequest = z
  .strictObject({
    error: z.union([
      z.strictObject({
        code: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "expected letters, digits, `.`, `_` and `-`")
          .openapi({ description: "what the definition's `onError` may decide by" }),
        message: errorMessage,
      }),
      errorMessage
        .transform((message) => ({ code: "failed", message }))
        .openapi({
          type: "string",
          description: "the message alone; its code is `failed`",
        }),
    ]),
    retryable: z.boolean().default(true).openapi({
      description: "false: trying again would give the same",
    }),
    retryAfterSeconds: z.int().min(0).max(86_400).optional().openapi({
      description: "absent: the back-off of the definition",
    }),
    leaseToken,
  })
  .openapi("FailJob", {
    example: { error: { code: "paper-jam", message: "Tray 2" }, retryAfterSeconds: 60 },
  });

export const extendRequest = z
  .strictObject({ leaseSeconds, leaseToken })
  .openapi("ExtendJob", { example: { leaseSeconds: 60 } });

export const leaseAnswer = z.object({ id: z.string(), leaseUntil: instantAnswer }).openapi("Lease");
