/** `/metrics`: what a server counts about itself, for Prometheus; numbers only, with no person's data among them. */

import { createHash, timingSafeEqual } from "node:crypto";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { ProblemError } from "../problem.ts";
import { openResponses } from "../responses.ts";
import { noParameters } from "../schemas/common.ts";

const read = createRoute({
  operationId: "readMetrics",
  method: "get",
  path: "/metrics",
  tags: ["Operating"],
  security: [],
  summary: "What this server counts, for Prometheus",
  description:
    "Open to everyone who reaches the server, as `/healthz` is, unless the operator set `SEVENSTEP_METRICS_TOKEN`: then " +
    "it is sent as `Authorization: Bearer <token>`.",
  request: { query: noParameters },
  responses: openResponses(
    {
      200: {
        description: "Metrics in Prometheus' text format",
        content: { "text/plain": { schema: { type: "string" } } },
      },
    },
    "request-invalid",
    "authentication-required",
    "not-found",
  ),
});

export function metricsRoutes({ metrics, edge = {} }: AppPorts): Routes {
  const { metricsToken } = edge;
  return new OpenAPIHono<HttpEnv>().openapi(read, async (c) => {
    if (metricsToken !== undefined && !isBearer(c.req.header("authorization"), metricsToken)) {
      throw new ProblemError(
        "authentication-required",
        "Send the token of SEVENSTEP_METRICS_TOKEN: `Authorization: Bearer <token>`.",
        {},
        { "WWW-Authenticate": 'Bearer realm="sevenstep"' },
      );
    }
    if (metrics === undefined) throw new ProblemError("not-found", "Nothing is counted here.");
    const { text, contentType } = await metrics.read();
    return c.body(text, 200, { "Content-Type": contentType });
  });
}

/** Hashes are as long as each other, so that the comparison tells nothing of the token. */
function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}
