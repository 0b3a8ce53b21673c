/** Keeps the server upright under load: requests for which there is no place are told to come back, not kept waiting. */

import { createMiddleware } from "hono/factory";
import { problemResponse } from "./answer-error.ts";
import type { AppPorts, HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { ProblemError } from "./problem.ts";

/**
 * Requests that came before the stop go on; those after it on a connection that is still open are sent away. Nothing of a
 * request is read or believed here, so that refusing costs little: who asks is what it sends as its token.
 */
export function admission({ stage, places }: AppPorts) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (stage() === "starting") {
      throw new ProblemError("starting", "The database is not reached or not prepared yet.");
    }
    if (stage() === "stopping") {
      throw new ProblemError("shutting-down", "Ask again: another server may answer.", {}, CLOSE);
    }
    const place = places.enter(headerOf(c, "authorization") ?? "");
    if (place === null) {
      c.res = problemResponse(c, "overloaded", FULL);
      return;
    }
    c.set("place", place);
    try {
      await next();
    } finally {
      place.leave(isTypical(c.res.status));
    }
  });
}

const CLOSE = { Connection: "close" };
export const FULL = "More requests are under way than are answered soon.";

/** One that was turned away at another wall met no queue. */
function isTypical(status: number): boolean {
  return status !== 401 && status !== 429;
}
