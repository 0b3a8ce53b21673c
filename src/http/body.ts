/** Reads bodies: bounded in size, and looked through before anything parses them. */

import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "./context.ts";
import { unsafeJson } from "./json-body.ts";
import { ProblemError } from "./problem.ts";

const MAX_BODY_BYTES = 1_048_576;

export const boundedBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new ProblemError("body-too-large", `A body holds at most ${MAX_BODY_BYTES} bytes.`);
  },
});

/** For routes that go without a body, too: what is sent all the same is JSON. */
export const optionalJson = createMiddleware<HttpEnv>(async (c, next) => {
  const { byteLength } = await c.req.arrayBuffer();
  if (byteLength > 0 && !JSON_TYPE.test(c.req.header("content-type") ?? "")) {
    throw new ProblemError(
      "media-type-unsupported",
      "Send the body as `application/json`, or no body.",
    );
  }
  return safeJson(c, next);
});

const JSON_TYPE = /^application\/([a-z-.]+\+)?json\s*(;|$)/i;

/**
 * For routes whose body is JSON by its own schema; the body stays readable for the validator after it. No body is the
 * empty object: many clients name a media type all the same.
 */
export const safeJson = createMiddleware<HttpEnv>(async (c, next) => {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.byteLength === 0) {
    const headers = new Headers(c.req.raw.headers);
    headers.set("Content-Type", "application/json");
    c.req.raw = new Request(c.req.raw, { method: c.req.method, body: "{}", headers });
    c.req.bodyCache = {};
  }
  const unsafe = unsafeJson(bytes);
  if (unsafe !== null) {
    const { code, pointer, message } = unsafe;
    throw new ProblemError(code, message, { errors: [{ pointer, message }] });
  }
  await next();
});
