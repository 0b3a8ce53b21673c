/** Adds to a route's description what all routes have in common: headers of every answer, and recorded examples. */

import { z } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import { exampleOf } from "./examples.ts";
import type { RecordedExample } from "./examples.ts";

type ResponseConfig = Exclude<RouteConfig["responses"][string], { $ref: string }>;
type Content = NonNullable<ResponseConfig["content"]>;

const text = { type: "string" } as const;

/** Registered as components; referred to by every response that carries them. */
export const SHARED_HEADERS = {
  RequestId: {
    description: "Names this request in the server's log; the caller's own where it gave one",
    required: true,
    schema: text,
  },
  ContentLanguage: { description: "The language of the texts for people", schema: text },
  RateLimit: {
    description:
      "What is left to this caller, and for how many seconds (draft-ietf-httpapi-ratelimit-headers); absent where no rate is set",
    schema: text,
  },
  RateLimitPolicy: { description: "How often a caller may ask", schema: text },
  RetryAfter: {
    description: "Seconds to wait before asking again",
    required: true,
    schema: { type: "integer", minimum: 0 },
  },
  AcceptEncoding: {
    description: "Given where the body's Content-Encoding was refused (RFC 9110 section 12.5.3)",
    schema: text,
  },
  Challenge: {
    description: "How to authenticate (RFC 6750)",
    required: true,
    schema: text,
  },
} as const;

/** @throws {TypeError} for headers that are given as a Zod schema: plain header objects can be added to */
export function complete(route: RouteConfig): RouteConfig {
  const example = exampleOf(String(route.operationId));
  const isOpen = route.security?.length === 0;
  const responses: RouteConfig["responses"] = {};
  for (const [status, response] of Object.entries(route.responses)) {
    responses[status] =
      "$ref" in response ? response : completeResponse(status, response, example, isOpen);
  }
  const { body } = route.request ?? {};
  if (body === undefined || example?.request === undefined) return { ...route, responses };
  const content = withExample(body.content, example.request);
  return { ...route, request: { ...route.request, body: { ...body, content } }, responses };
}

function completeResponse(
  status: string,
  response: ResponseConfig,
  example: RecordedExample | null,
  isOpen: boolean,
): ResponseConfig {
  const value = example?.responses[status];
  if (response.headers instanceof z.ZodType) throw new TypeError("expected plain header objects");
  const limits = isOpen ? {} : LIMITS;
  const headers = { ...sharedHeaders(status), ...limits, ...response.headers };
  if (response.content === undefined || value === undefined) return { ...response, headers };
  return { ...response, headers, content: withExample(response.content, value) };
}

/** With these the answer says when to come back. */
const RETRYABLE: ReadonlySet<string> = new Set(["408", "429", "503"]);

function sharedHeaders(status: string) {
  return {
    "X-Request-Id": reference("RequestId"),
    "Content-Language": reference("ContentLanguage"),
    ...(status === "415" ? { "Accept-Encoding": reference("AcceptEncoding") } : {}),
    ...(status === "401" ? { "WWW-Authenticate": reference("Challenge") } : {}),
    ...(RETRYABLE.has(status) ? { "Retry-After": reference("RetryAfter") } : {}),
  };
}

const LIMITS = {
  RateLimit: reference("RateLimit"),
  "RateLimit-Policy": reference("RateLimitPolicy"),
};

function reference(name: keyof typeof SHARED_HEADERS): { readonly $ref: string } {
  return { $ref: `#/components/headers/${name}` };
}

/** Only JSON is recorded; a route that gives another form describes its own example. */
function withExample(content: Content, value: unknown): Content {
  const json = content["application/json"];
  if (json === undefined || "$ref" in json) return content;
  return { ...content, "application/json": { ...json, example: value } };
}
