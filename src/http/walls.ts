/** Walls: what a request must pass before it is answered. One that has nothing to wait for costs a call and no more. */

import type { Context, MiddlewareHandler } from "hono";
import type { HttpEnv } from "./context.ts";

/** Lets the request through. @throws {ProblemError} when it does not */
export type Wall = (c: Context<HttpEnv, string>) => Promise<void> | void;

export function walled(...walls: readonly Wall[]): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await passed(c, walls);
    await next();
  };
}

/** One after the other; behind one that refuses, none is asked. */
export async function passed(c: Context<HttpEnv, string>, walls: readonly Wall[]): Promise<void> {
  for (const wall of walls) {
    const passing = wall(c);
    if (passing !== undefined) await passing;
  }
}
