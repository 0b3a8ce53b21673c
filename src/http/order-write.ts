/** What every write of one work order takes in its headers: the revision that it was decided on, and the key of the request. */

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { WriteOptions } from "../runtime/engine.ts";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { idempotencyHeaders, idempotent } from "./idempotency.ts";
import { ifMatch } from "./if-match.ts";
import { ProblemError } from "./problem.ts";

export const ifMatchHeaders = z.object({
  "if-match": z.string().optional().openapi({
    description: "The `ETag` of the order that the caller has seen",
    example: '"7"',
  }),
});

export const orderWriteHeaders = ifMatchHeaders.extend(idempotencyHeaders.shape);

/** @throws {ProblemError} when a header can't be read */
export async function writeOptions(c: Context<HttpEnv>): Promise<WriteOptions> {
  return { ...meeting(headerOf(c, "if-match")), ...(await idempotent(c)) };
}

/** @throws {ProblemError} when the condition can't be read */
export function meeting(header: string | undefined): Pick<WriteOptions, "ifMatch"> {
  const condition = ifMatch(header);
  switch (condition.kind) {
    case "malformed":
      throw new ProblemError(
        "header-invalid",
        'If-Match must be `*` or entity tags such as `"7"`.',
      );
    case "any":
      return {};
    case "never":
      return { ifMatch: [] };
    case "revisions":
      return { ifMatch: condition.revisions };
  }
}
