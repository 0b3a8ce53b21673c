/** `/v1/incidents`: what could not go on by itself, and the person who decides how it does. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { anyRoleOf } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, once } from "../idempotency.ts";
import { BODY_PROBLEMS, jsonAnswer, responses, writeResponses } from "../responses.ts";
import { cursor, instantAnswer, limit, name, noParameters, pageOf } from "../schemas/common.ts";

const incident = z
  .object({
    id: z.string(),
    order: z.string(),
    source: z.object({ kind: z.enum(["timer", "job"]), id: z.string() }),
    code: z.string(),
    detail: z.string(),
    openedAt: instantAnswer,
  })
  .openapi("Incident");

const list = createRoute({
  operationId: "listIncidents",
  method: "get",
  path: "/v1/incidents",
  tags: ["Incidents"],
  summary: "List open incidents",
  request: { query: z.strictObject({ limit, cursor: cursor.optional() }) },
  responses: responses({ 200: jsonAnswer("A page", pageOf(incident)) }, "request-invalid"),
});

const retry = createRoute({
  operationId: "retryIncident",
  method: "post",
  path: "/v1/incidents/{id}/retry",
  tags: ["Incidents"],
  summary: "Try the timer or the job again at once",
  middleware: [anyRoleOf("admin", "manager"), safeJson],
  request: {
    params: z.object({ id: name }),
    query: noParameters,
    headers: idempotencyHeaders,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ reason: z.string().min(1).max(2000) })
            .openapi("RetryIncident", { example: { reason: "The printer is back." } }),
        },
      },
    },
  },
  responses: writeResponses(
    { 204: { description: "It is tried again" } },
    BODY_PROBLEMS,
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ),
});

export function incidentRoutes({ engine }: AppPorts): Routes {
  const { incidents } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const { items, nextCursor } = await incidents.list(c.var.caller, exact(c.req.valid("query")));
      return c.json({ items, nextCursor });
    })
    .openapi(retry, (c) =>
      once(engine, c, async ({ incidents }) => {
        const { id } = c.req.valid("param");
        granted(await incidents.retry(c.var.caller, id, c.req.valid("json").reason));
        return c.body(null, 204);
      }),
    );
}
