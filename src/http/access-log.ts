/** One log line per answered request: who asked for what, and what came of it; never an address, a body or a token. */

import type { Context } from "hono";
import type { AppPorts, HttpEnv } from "./context.ts";

/** A request and what came of it, in words that no caller makes up. */
export interface Answered {
  readonly method: string;
  /** The pattern. */
  readonly route: string;
  readonly status: number;
  /** Until the answer began. */
  readonly durationMs: number;
}

export function logAnswered(
  log: AppPorts["log"],
  c: Context<HttpEnv>,
  { method, route, status, durationMs }: Answered,
): void {
  log[levelOf(route, status)](
    {
      requestId: c.get("requestId"),
      method,
      route,
      status,
      sub: c.get("caller")?.sub,
      durationMs: Math.round(durationMs * 10) / 10,
    },
    "request",
  );
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
export function knownMethod(method: string): string {
  return METHODS.has(method) ? method : "other";
}
