/** Describes a route's answers for the OpenAPI document: what it gives, and every problem code that it may refuse with. */

import type { RouteConfig, z } from "@hono/zod-openapi";
import { problemExamples } from "./openapi/examples.ts";
import { PROBLEMS } from "./problem.ts";
import type { ProblemCode, ProblemStatus } from "./problem.ts";

/** Wide on purpose: handlers answer with a `Response`, and the tests hold answers against these schemas. */
export type Responses = { [status: string]: ResponseConfig };
type AnyResponseConfig = Exclude<RouteConfig["responses"][string], { $ref: string }>;
type ResponseHeaders = Exclude<NonNullable<AnyResponseConfig["headers"]>, z.ZodType>;
type ResponseConfig = Omit<AnyResponseConfig, "headers"> & { readonly headers?: ResponseHeaders };

export const ENTITY_TAG_HEADER = {
  ETag: {
    description: 'The revision, such as `"7"`; send it back in `If-Match`',
    schema: { type: "string" },
  },
} as const;

export const LOCATION_HEADER = {
  Location: { description: "Where it can be read", schema: { type: "string" } },
} as const;

export const REPLAYED_HEADER = {
  "Idempotency-Replayed": {
    description: "`true`: answered before, under the same `Idempotency-Key`",
    schema: { type: "string", const: "true" },
  },
} as const;

const RETRY_HEADER = {
  "Retry-After": {
    description: "With `idempotency-in-progress`: seconds to wait before sending the same again",
    schema: { type: "integer", minimum: 0 },
  },
} as const;
const IN_PROGRESS = String(PROBLEMS["idempotency-in-progress"].status);

/** What a write that takes `Idempotency-Key` may be refused for. */
const IDEMPOTENCY_PROBLEMS: readonly ProblemCode[] = [
  "header-invalid",
  "idempotency-key-reused",
  "idempotency-in-progress",
  "answer-erased",
];

/** Refused before any route is reached, or anywhere on its way. */
const EVERYWHERE: readonly ProblemCode[] = [
  "authentication-required",
  "rate-limited",
  "identity-provider-unavailable",
  "not-acceptable",
  "overloaded",
  "starting",
  "shutting-down",
  "database-unavailable",
  "internal-error",
];

/** Where an order is asked for by its id. */
export const ORDER_NOT_GIVEN: readonly ProblemCode[] = [
  "not-found",
  "order-detached",
  "history-diverged",
];

/** What a JSON body may be refused for. */
export const BODY_PROBLEMS: readonly ProblemCode[] = [
  "body-malformed",
  "body-too-deep",
  "body-key-duplicate",
  "body-key-forbidden",
  "body-text-unsafe",
  "body-number-range",
  "body-too-large",
  "media-type-unsupported",
  "request-too-slow",
];

/** What an order may refuse an event for. */
export const EVENT_PROBLEMS: readonly ProblemCode[] = [
  "role-not-allowed",
  "separation-violated",
  "event-unknown",
  "event-not-enabled",
  "order-closed",
  "payload-invalid",
  "item-unknown",
  "item-exists",
  "data-invalid",
  "invariant-violated",
  "expression-failed",
  "step-unbounded",
  "revision-mismatch",
  "header-invalid",
];

export function jsonAnswer(
  description: string,
  schema: z.ZodType,
  headers: ResponseHeaders = {},
): ResponseConfig {
  return { description, content: { "application/json": { schema } }, headers };
}

export function responses(
  given: Responses,
  ...refusals: readonly (ProblemCode | readonly ProblemCode[])[]
): Responses {
  return { ...problemResponses([...refusals.flat(), ...EVERYWHERE]), ...given };
}

/** Of a write that takes `Idempotency-Key`. */
export function writeResponses(
  given: Responses,
  ...refusals: readonly (ProblemCode | readonly ProblemCode[])[]
): Responses {
  const all = responses(given, ...refusals, IDEMPOTENCY_PROBLEMS);
  return Object.fromEntries(
    Object.entries(all).map(([status, response]) => [
      status,
      {
        ...response,
        headers: {
          ...response.headers,
          ...REPLAYED_HEADER,
          ...(status === IN_PROGRESS ? RETRY_HEADER : {}),
        },
      },
    ]),
  );
}

/** For addresses that everyone may ask, without a token: only what the route itself can refuse. */
export function openResponses(given: Responses, ...refusals: readonly ProblemCode[]): Responses {
  return { ...problemResponses(refusals), ...given };
}

function problemResponses(codes: readonly ProblemCode[]): Responses {
  const byStatus = Map.groupBy(new Set(codes), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [status, problemResponse(status, group)]),
  );
}

function problemResponse(status: ProblemStatus, codes: readonly ProblemCode[]): ResponseConfig {
  const examples = codes.filter((code) => Object.hasOwn(EXAMPLES, code));
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title.en}`).join("; "),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { properties: { status: { const: status }, code: { enum: [...codes] } } },
          ],
        },
        ...(examples.length === 0 ? {} : { examples: references(examples) }),
      },
    },
  };
}

function references(codes: readonly ProblemCode[]) {
  return Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
}

const EXAMPLES = problemExamples();
