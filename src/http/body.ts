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

/** For routes whose body is JSON by its own schema; the body stays readable for the validator after it. */
export const safeJson = createMiddleware<HttpEnv>(async (c, next) => {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  const unsafe = unsafeJson(bytes);
  if (unsafe !== null) {
    const { code, pointer, message } = unsafe;
    throw new ProblemError(code, message, { errors: [{ pointer, message }] });
  }
  await next();
});
