/**
 * Whether a caller takes an answer that is not the newest: the request directive `max-stale` of `Cache-Control`
 * (RFC 9111 section 5.2.1.2), and the `Age` of what is answered (section 5.1).
 */

import type { Context } from "hono";
import { z } from "@hono/zod-openapi";
import type { Engine } from "../runtime/engine.ts";
import type { OrderReads } from "../runtime/stale-reads.ts";
import { say } from "./answer.ts";
import { granted } from "./answer-error.ts";
import type { HttpEnv } from "./context.ts";
import type { Refused } from "../runtime/refusal.ts";

/** Of a directive without a number, "a stale response of any age": an hour is. */
const ANY_AGE_S = 3_600;

/** Directives are names, in any case, and may have a value, which may stand in quotes (section 5.2). */
const DIRECTIVE = /(?:^|,)[ \t]*max-stale(?:[ \t]*=[ \t]*"?(\d{1,9})"?)?[ \t]*(?=,|$)/i;
/** Who asks for these asks for the newest, whatever else is said. */
const NEWEST = /(?:^|,)[ \t]*(?:no-cache|no-store)[ \t]*(?=[,=]|$)/i;

/** @returns null: only the newest will do; a directive that can't be read is ignored, as all of them may be */
export function maxStaleMs(header: string | undefined): number | null {
  if (header === undefined || NEWEST.test(header)) return null;
  const found = DIRECTIVE.exec(header);
  if (found === null) return null;
  const seconds = Math.min(Number(found[1] ?? ANY_AGE_S), ANY_AGE_S);
  return seconds === 0 ? null : seconds * 1_000;
}

/** For the route's description. */
export const STALE_HEADERS = {
  "cache-control": z.string().optional().openapi({
    description:
      "With `max-stale=5` the answer may lack what happened in the last 5 seconds: it may come from a read replica, and `Age` then says how old it may be. At most an hour; a replica that is further behind is not asked. Without it every answer holds all that was acknowledged before",
    example: "max-stale=5",
  }),
} as const;

export const AGE_HEADER = {
  Age: {
    description:
      "Given where the answer is from a read replica: it holds all that was acknowledged so many seconds ago, and maybe not all since",
    schema: { type: "integer", minimum: 0 },
  },
} as const;

/**
 * Reads by whoever may answer this request, and says the age of what was read.
 * @throws {EngineRefused} @param isGoodEnough see `ReadStale`
 */
export async function readFor<T extends { readonly kind: "ok" }>(
  c: Context<HttpEnv>,
  { readStale }: Pick<Engine, "readStale">,
  work: (reads: OrderReads) => Promise<T | Refused>,
  isGoodEnough: (result: T) => boolean = () => true,
): Promise<T> {
  const { result, ageMs } = await readStale(
    maxStaleMs(c.req.header("cache-control")),
    work,
    (found) => found.kind === "ok" && isGoodEnough(found),
  );
  if (ageMs !== null) say(c, "Age", String(Math.ceil(ageMs / 1_000)));
  return granted(result);
}
