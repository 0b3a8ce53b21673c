/** Reads bodies: bounded in size, and looked through before anything parses them. */

import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { NOT_UTF8, unsafeText, utf8Text } from "./json-body.ts";
import { ProblemError } from "./problem.ts";
import { walled, type Wall } from "./walls.ts";

const MAX_BODY_BYTES = 1_048_576;

/** Of a request from a socket its headers say how long its body is (RFC 9112 section 6.3); only a chunked one has to be counted. */
export const boundedBody: Wall = (c) => {
  const length = headerOf(c, "content-length");
  if (headerOf(c, "transfer-encoding") === undefined) {
    if (length !== undefined) {
      if (Number(length) > MAX_BODY_BYTES) throw tooLarge();
      return;
    }
    if (c.env?.incoming !== undefined) return;
  }
  return counting(c);
};

async function counting(c: Context<HttpEnv, string>): Promise<void> {
  await counted(c, async () => {});
}

const counted = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw tooLarge();
  },
});

function tooLarge(): ProblemError {
  return new ProblemError("body-too-large", `A body holds at most ${MAX_BODY_BYTES} bytes.`);
}

/** For routes that go without a body, too: what is sent all the same is JSON. */
export const optionalJson = createMiddleware<HttpEnv>(async (c, next) => {
  const { byteLength } = await c.req.arrayBuffer();
  if (byteLength > 0 && !JSON_TYPE.test(headerOf(c, "content-type") ?? "")) {
    throw new ProblemError(
      "media-type-unsupported",
      "Send the body as `application/json`, or no body.",
    );
  }
  return safeJson(c, next);
});

const JSON_TYPE = /^application\/([a-z-.]+\+)?json\s*(;|$)/i;

/** Reads the body, and looks whether it is safe to hand to `JSON.parse`. */
export const readSafely: Wall = async (c) => {
  // What came with the headers is there when the microtasks run.
  await Promise.resolve();
  const text = utf8Text(arrived(c) ?? new Uint8Array(await c.req.arrayBuffer()));
  const unsafe = text === null ? NOT_UTF8 : unsafeText(text);
  if (unsafe !== null) {
    const { code, pointer, message } = unsafe;
    throw new ProblemError(code, message, { errors: [{ pointer, message }] });
  }
  c.set("bodyText", text ?? "");
};

/** A body that is there as a whole, without listening for it. @returns null: it is not, or somebody began to read it */
function arrived(c: Context<HttpEnv, string>): Uint8Array | null {
  const { incoming } = c.env ?? {};
  if (incoming?.read === undefined || incoming.destroyed || incoming.readableDidRead === true)
    return null;
  const length = headerOf(c, "content-length");
  if (length === undefined || Number(length) !== incoming.readableLength) return null;
  const bytes: unknown = incoming.read();
  if (!(bytes instanceof Uint8Array)) return null;
  // Its end is all that is left to come.
  incoming.resume?.();
  return bytes;
}

/**
 * For routes whose body is JSON by its own schema; the body stays readable for the validator after it. No body is the
 * empty object: many clients name a media type all the same.
 */
export const safeJson = walled(readSafely, (c) => {
  const text = c.get("bodyText") ?? "";
  if (text === "") beEmptyObject(c);
  // What is kept as bytes would be decoded once more, by way of a stream. A byte order mark is no part of a text.
  else Object.assign(c.req.bodyCache, { text: Promise.resolve(text.replace(/^\uFEFF/, "")) });
});

function beEmptyObject(c: Context<HttpEnv>): void {
  const headers = new Headers(c.req.raw.headers);
  headers.set("Content-Type", "application/json");
  c.req.raw = new Request(c.req.raw, { method: c.req.method, body: "{}", headers });
  c.req.bodyCache = {};
}
