/** Looks at a caller again while an answer goes on, as a new request would be looked at. */

import type { Context } from "hono";
import type { Caller } from "../runtime/engine.ts";
import { tokenIn } from "./authenticate.ts";
import type { AppPorts, HttpEnv } from "./context.ts";

/** The token has expired or was withdrawn; or it stands for other roles or centres now. */
export type NoLonger = "token-refused" | "authority-changed";

/** @returns why the caller may not read on, or null */
export async function noLonger(
  c: Context<HttpEnv>,
  { readToken }: Pick<AppPorts, "readToken">,
): Promise<NoLonger | null> {
  const reading = await readToken(tokenIn(c.req.header("authorization") ?? "") ?? "");
  if (reading.kind !== "known") return "token-refused";
  return isSame(reading.caller, c.var.caller) ? null : "authority-changed";
}

function isSame(one: Caller, other: Caller): boolean {
  return one === other || JSON.stringify(authority(one)) === JSON.stringify(authority(other));
}

function authority({ sub, roles, centres }: Caller) {
  return { sub, roles, centres };
}
