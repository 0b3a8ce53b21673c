/** Cases about persons' data as they leave the server, and what makes and decides them. */

import { z } from "@hono/zod-openapi";
import { GROUNDS } from "../../runtime/contracts/personal-data.ts";
import { instantAnswer, name, orderId } from "./common.ts";

const ground = z.enum(GROUNDS).openapi({
  description: "why the law allows it (GDPR articles 6, 15 to 18; PIPL articles 44 to 47)",
});

const reason = z
  .string()
  .min(1)
  .max(2000)
  .regex(/^[^\0]*$/, "must not hold U+0000")
  .openapi({
    description: "for its readers; it is kept sealed, so that the case can be erased, too",
  });

const because = { ground, reason };

/** Exactly one of both names the person. */
const person = {
  subject: name.optional().openapi({
    description: "the reference that the person's orders were created with; it is not kept",
  }),
  order: orderId
    .optional()
    .openapi({ description: "an order of the person: all orders of that person are meant" }),
  centre: name.optional().openapi({
    description:
      "with `subject`: whose person it is; absent: the only centre of the token, else none",
  }),
};

export const personRequest = z
  .strictObject({ ...person, ...because })
  .refine(
    ({ subject, order }) => (subject === undefined) !== (order === undefined),
    "expected either `subject` or `order`",
  )
  .refine(
    ({ subject, centre }) => centre === undefined || subject !== undefined,
    "expected `centre` beside `subject` only",
  )
  .openapi("PersonalDataRequest", {
    example: { subject: "customer-4711", ground: "request", reason: "Asked in writing." },
  });

export const openingRequest = z
  .strictObject({ order: orderId, ...because })
  .openapi("OpenPersonalData", {
    example: {
      order: "01980c3e-6c1a-7000-8000-0123456789ab",
      ground: "legal-claim",
      reason: "The court asks for it.",
    },
  });

export const decisionRequest = z
  .discriminatedUnion("decision", [
    z.strictObject({ decision: z.literal("approve") }),
    z.strictObject({ decision: z.literal("decline"), reason }),
    z.strictObject({ decision: z.literal("lift"), reason }),
  ])
  .openapi("PersonalDataDecision", { example: { decision: "approve" } });

export const caseKind = z.enum(["erasure", "restriction", "opening"]);

const count = z.int().nonnegative();

export const personalDataCase = z
  .object({
    id: orderId.openapi({
      description: "it is the id of a work order, too: its history is the proof",
    }),
    kind: caseKind,
    state: z.string().openapi({
      description:
        "erasure: requested, erasing, settling (the key is gone, other servers' memories end), erased; or held by a " +
        "restriction, declined, lapsed. restriction: restricting, restricted, lifting, lifted. opening: open, closed",
      example: "requested",
    }),
    status: z.enum(["active", "done", "incident"]),
    order: orderId
      .nullable()
      .openapi({ description: "that named the person; null: the subject did" }),
    orders: count.openapi({ description: "of the person, when the case was made" }),
    ground: z.string(),
    reason: z.string().nullable().openapi({ description: "null: erased, or not for this caller" }),
    fourEyes: z
      .boolean()
      .openapi({ description: "whether somebody else than who asked has to decide" }),
    requestedBy: z.string(),
    decidedBy: z.string().nullable(),
    decisionReason: z.string().nullable(),
    keys: count.openapi({ description: "that were destroyed" }),
    values: count.openapi({ description: "sealed ones that were taken away with them" }),
    shown: count.openapi({ description: "how often values were shown" }),
    revision: z.int().positive(),
    createdAt: instantAnswer,
    updatedAt: instantAnswer,
  })
  .openapi("PersonalDataCase");

const shownValue = z
  .object({
    revision: z.int().positive(),
    type: z.string(),
    pointer: z.string().openapi({ description: "JSON Pointer into the entry's payload" }),
    commitment: z.string().openapi({ description: "as the entry holds it" }),
    value: z.unknown(),
    erased: z.boolean(),
  })
  .openapi("ShownValue");

export const opening = z
  .object({ case: personalDataCase, values: z.array(shownValue) })
  .openapi("PersonalDataOpening");
