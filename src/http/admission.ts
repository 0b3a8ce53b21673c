/** Keeps the server upright under load: more requests than it can hold are told to come back, not kept waiting. */

import { createMiddleware } from "hono/factory";
import type { AppPorts, HttpEnv } from "./context.ts";
import { ProblemError } from "./problem.ts";

/** Requests that came before the stop go on; those after it on a connection that is still open are sent away. */
export function admission({ stage, maxConcurrent }: AppPorts) {
  let underWay = 0;
  return createMiddleware<HttpEnv>(async (_c, next) => {
    if (stage() === "starting") {
      throw new ProblemError("starting", "The database is not reached or not prepared yet.");
    }
    if (stage() === "stopping") {
      throw new ProblemError("shutting-down", "Ask again: another server may answer.", {}, CLOSE);
    }
    if (underWay >= maxConcurrent) {
      throw new ProblemError("overloaded", `${maxConcurrent} requests are under way already.`);
    }
    underWay += 1;
    try {
      await next();
    } finally {
      underWay -= 1;
    }
  });
}

const CLOSE = { Connection: "close" };
