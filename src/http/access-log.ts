/** One log line per answered request: who asked for what, and what came of it; never a body or a token. */

import { createMiddleware } from "hono/factory";
import type { AppPorts, HttpEnv } from "./context.ts";

export function accessLog(log: AppPorts["log"]) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { status } = c.res;
    const level = status >= 500 ? "warn" : "debug";
    log[level](
      {
        requestId: c.var.requestId,
        method: c.req.method,
        path: c.req.path,
        status,
        sub: c.get("caller")?.sub,
        durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
      },
      "request",
    );
  });
}
