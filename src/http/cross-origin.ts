/** Lets pages of the origins that the operator named call the API from a browser; without any, none may. */

import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { say } from "./answer.ts";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const REQUEST_HEADERS = [
  ...["Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
  ...["Last-Event-ID", "Traceparent", "X-Request-Id"],
];
const ANSWER_HEADERS = [
  ...["Content-Language", "ETag", "Idempotency-Replayed", "Location", "RateLimit"],
  ...["RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-Id"],
];
const PREFLIGHT_AGE_S = 600;

/** No credentials of the browser's own: a caller is who its token says, so a cookie never acts for anybody. */
export function crossOrigin(origins: readonly string[]) {
  const answer = cors({
    origin: [...origins],
    allowMethods: METHODS,
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: ANSWER_HEADERS,
    maxAge: PREFLIGHT_AGE_S,
  });
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (origins.includes(headerOf(c, "origin") ?? "")) return answer(c, next);
    // Also an answer that allows nobody differs by who asks.
    say(c, "Vary", `${c.get("said")["Vary"]}, Origin`);
    await next();
  });
}
