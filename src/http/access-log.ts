/** One log line per answered request: who asked for what, and what came of it; never an address, a body or a token. */

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppPorts, HttpEnv } from "./context.ts";
import { routeOf } from "./route-of.ts";

export function accessLog(log: AppPorts["log"]) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { status } = c.res;
    const route = routeOf(c);
    log[levelOf(route, status)](
      {
        requestId: c.var.requestId,
        method: knownMethod(c),
        route,
        status,
        sub: c.get("caller")?.sub,
        durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
      },
      "request",
    );
  });
}

/** Asked every few seconds by machines. */
const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

function levelOf(route: string, status: number): "debug" | "info" | "warn" {
  if (status >= 500) return "warn";
  return PROBES.has(route) ? "debug" : "info";
}

const METHODS: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
]);

/** A method is a word of the caller's, too. */
export function knownMethod(c: Context<HttpEnv>): string {
  return METHODS.has(c.req.method) ? c.req.method : "other";
}
