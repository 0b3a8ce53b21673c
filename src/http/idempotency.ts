/**
 * Reads `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), so that a write takes effect once however often
 * it is sent.
 *
 * A route that writes one order hands `await idempotent(c)` to the engine with its other options. A route of any other
 * write does its work in `once`, by the operations that it is given there; in `keeping` where the write is many
 * transactions that may safely be done again. All declare `idempotencyHeaders` and `writeResponses`.
 */

import { hash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Engine, Idempotency, Operations, TextResult } from "../runtime/engine.ts";
import { EngineRefused, granted, REPLAYED } from "./answer-error.ts";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { ProblemError } from "./problem.ts";

export const idempotencyHeaders = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .openapi({
      description:
        "Names this request: 1 to 255 visible ASCII characters, best a UUID, alone or as a string of RFC 8941. The same " +
        "key with the same body, within 24 hours, takes no effect again and gives the same answer again.",
      example: "8e03978e-40d5-43dd-bc93-6894a57f9324",
    }),
});

/** What the engine needs to know the request again; nothing for a request without a key. */
export async function idempotent(
  c: Context<HttpEnv>,
): Promise<{ readonly idempotency?: Idempotency }> {
  const key = idempotencyKey(headerOf(c, "idempotency-key"));
  if (key === undefined) return {};
  const head = `${c.req.method} ${pathAndQuery(c.req.url)}\n`;
  const text = c.get("bodyText");
  // The text of a body that was read is its bytes, and hashes as they do.
  const asked =
    text === undefined
      ? Buffer.concat([Buffer.from(head), new Uint8Array(await c.req.arrayBuffer())])
      : head + text;
  return { idempotency: { key, fingerprint: hash("sha256", asked, "hex") } };
}

function pathAndQuery(url: string): string {
  if (/[?#]/.test(url)) {
    const { pathname, search } = new URL(url);
    return pathname + search;
  }
  return url.slice(url.indexOf("/", url.indexOf("//") + 2));
}

/** A string of RFC 8941 (section 3.3.3), or the same characters without quotes. */
const QUOTED = /^"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/;
const BARE = /^[\x21\x23-\x7e][\x21-\x7e]*$/;
export const MAX_KEY_LENGTH = 255;

/** @throws {ProblemError} when it can't be read */
function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const quoted = QUOTED.exec(header)?.[1]?.replaceAll(/\\(.)/g, "$1");
  const key = quoted ?? (BARE.test(header) ? header : "");
  if (key !== "" && key.length <= MAX_KEY_LENGTH) return key;
  throw new ProblemError(
    "header-invalid",
    `Idempotency-Key must be 1 to ${MAX_KEY_LENGTH} visible ASCII characters, such as a UUID.`,
  );
}

/**
 * The handler's work and its answer are one transaction; under a key, it happens once.
 *
 * @param options `personal`: the answer may hold a person's values, and goes when somebody's are erased
 */
export async function once(
  engine: Engine,
  c: Context<HttpEnv>,
  handler: (operations: Operations) => Promise<Response>,
  { personal = false }: { readonly personal?: boolean } = {},
): Promise<Response> {
  const { idempotency } = await idempotent(c);
  if (idempotency === undefined) return handler(engine);
  const result = await engine.once(c.var.caller, idempotency, async (operations) => {
    const text = await textOf(c, () => handler(operations));
    return text.kind === "ok" && personal ? { ...text, personal: true } : text;
  });
  return responseFrom(c, granted(result));
}

/** For handlers whose work may safely be done again: under a key, their first answer is given again. */
export async function keeping(
  engine: Engine,
  c: Context<HttpEnv>,
  handler: () => Promise<Response>,
): Promise<Response> {
  const { idempotency } = await idempotent(c);
  if (idempotency === undefined) return handler();
  const result = await engine.keeping(c.var.caller, idempotency, () => textOf(c, handler));
  return responseFrom(c, granted(result));
}

/** What belongs to the answer itself; everything else is of the connection it goes by. */
const OWN_HEADERS = ["Content-Type", "Content-Language", "Location", "ETag"] as const;
const STATUSES = [200, 201, 202, 204] as const;

const recorded = z.object({
  status: z.literal(STATUSES),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** The engine's refusals are recorded; what else is thrown is no answer. */
async function textOf(c: Context<HttpEnv>, handler: () => Promise<Response>): Promise<TextResult> {
  try {
    const response = await handler();
    const headers = OWN_HEADERS.flatMap((name) => {
      const value = response.headers.get(name) ?? c.get("said")[name];
      return value === undefined ? [] : [[name.toLowerCase(), value] as const];
    });
    const { status } = response;
    const body = await response.text();
    const answer = { status, headers: Object.fromEntries(headers), body };
    return { kind: "ok", text: JSON.stringify(answer) };
  } catch (error) {
    if (error instanceof EngineRefused) return error.refused;
    throw error;
  }
}

function responseFrom(
  c: Context<HttpEnv>,
  { text, replayed }: Extract<TextResult, { kind: "ok" }>,
): Response {
  const { status, headers, body } = recorded.parse(JSON.parse(text));
  return c.newResponse(body === "" ? null : body, status, {
    ...headers,
    ...(replayed === true ? REPLAYED : {}),
  });
}
