/** Names what a request asked for by its route's pattern: an address may hold what people wrote, a pattern never does. */

import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import type { HttpEnv } from "./context.ts";

/** Addresses that nothing is at are one, however many a caller makes up. */
const UNMATCHED = "unmatched";

export function routeOf(c: Context<HttpEnv>): string {
  return matchedRoutes(c).findLast(({ method }) => method !== "ALL")?.path ?? UNMATCHED;
}
