/** What is around every request: its id, the headers of its answer, and when it is answered its line in the log and its count. */

import { createMiddleware } from "hono/factory";
import { knownMethod, logAnswered } from "./access-log.ts";
import { dress } from "./answer.ts";
import type { AppPorts, HttpEnv } from "./context.ts";
import { fixedHeaders } from "./fixed-headers.ts";
import { headerOf } from "./header.ts";
import { requestIdFor } from "./request-id.ts";
import { routeOf } from "./route-of.ts";

export function frame({ log, metrics, edge = {} }: AppPorts) {
  const fixed = fixedHeaders(edge);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startedAt = performance.now();
    const requestId = requestIdFor(headerOf(c, "x-request-id"));
    c.set("requestId", requestId);
    c.set("said", { ...fixed, "X-Request-Id": requestId });
    metrics?.begun();
    await next();
    dress(c);
    const answered = {
      ...{ method: knownMethod(c.req.method), route: routeOf(c), status: c.res.status },
      durationMs: performance.now() - startedAt,
    };
    logAnswered(log, c, answered);
    metrics?.answered(answered);
    const { outgoing } = c.env ?? {};
    if (metrics === undefined || outgoing === undefined || c.get("isStream") !== true) return;
    outgoing.once("close", metrics.streaming());
  });
}
