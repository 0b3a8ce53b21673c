/** Walls: what a request must pass before it is answered. One that has nothing to wait for costs a call and no more. */

import type { Context, MiddlewareHandler } from "hono";
import type { HttpEnv } from "./context.ts";

/** Lets the request through. @throws {ProblemError} when it does not */
export type Wall = (c: Context<HttpEnv, string>) => Promise<void> | void;

export function walled(...walls: readonly Wall[]): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const passing = passed(c, walls);
    if (passing !== undefined) await passing;
    await next();
  };
}

/** One after the other; behind one that refuses, none is asked. @returns undefined: they are passed already */
export function passed(
  c: Context<HttpEnv, string>,
  walls: readonly Wall[],
): Promise<void> | undefined {
  for (const [at, wall] of walls.entries()) {
    const passing = wall(c);
    if (passing !== undefined) return passing.then(() => passed(c, walls.slice(at + 1)));
  }
  return undefined;
}
