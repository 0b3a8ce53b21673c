/** Reads what a caller would rather be answered: `Prefer: return=minimal` (RFC 7240 section 4.2). */

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";

export const PREFER_HEADER = z.string().optional().openapi({
  description: "`return=minimal`: orders are left out of the answer, which costs less",
  example: "return=minimal",
});

export const APPLIED_HEADER = {
  "Preference-Applied": {
    description: "`return=minimal`: orders are left out",
    schema: { type: "string", const: "return=minimal" },
  },
} as const;

export const APPLIED = { "Preference-Applied": "return=minimal" } as const;

/** The first of several counts. */
export function prefersMinimal(c: Context<HttpEnv, string>): boolean {
  const prefer = headerOf(c, "prefer");
  return prefer !== undefined && RETURN.exec(prefer)?.[1]?.toLowerCase() === "minimal";
}

const RETURN = /(?:^|,)\s*return\s*=\s*"?(minimal|representation)"?\s*(?:[,;]|$)/i;
