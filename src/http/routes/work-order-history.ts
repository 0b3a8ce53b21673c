/** `/v1/work-orders/{id}`'s past: history, the order as it was, and the proof that both agree. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { ProblemError } from "../problem.ts";
import { ENTITY_TAG_HEADER, jsonAnswer, responses } from "../responses.ts";
import { instant, limit, noParameters, orderId, pageOf, revision } from "../schemas/common.ts";
import { historyEntry, verification } from "../schemas/history.ts";
import { workOrder } from "../schemas/work-order.ts";
import { answerOrder } from "./work-orders.ts";

const params = z.object({ id: orderId });

const history = createRoute({
  method: "get",
  path: "/v1/work-orders/{id}/history",
  tags: ["History"],
  summary: "Read a work order's history, in order",
  request: {
    params,
    query: z.strictObject({
      after: revision.default(0).openapi({
        default: 0,
        description: "only entries of later revisions; `nextCursor` goes here too",
      }),
      limit,
    }),
  },
  responses: responses(
    { 200: jsonAnswer("A page of entries", pageOf(historyEntry)) },
    "not-found",
    "request-invalid",
  ),
});

const at = createRoute({
  method: "get",
  path: "/v1/work-orders/{id}/at",
  tags: ["History"],
  summary: "Read a work order as it was, replayed from its history alone",
  request: {
    params,
    query: z.strictObject({ revision: revision.optional(), time: instant.optional() }),
  },
  responses: responses(
    { 200: jsonAnswer("The work order as it was", workOrder, ENTITY_TAG_HEADER) },
    "not-found",
    "request-invalid",
  ),
});

const verify = createRoute({
  method: "post",
  path: "/v1/work-orders/{id}/verify",
  tags: ["History"],
  summary: "Replay and re-hash a work order's whole history; nothing is written",
  request: { params, query: noParameters },
  responses: responses(
    { 200: jsonAnswer("What was found", verification) },
    "not-found",
    "request-invalid",
  ),
});

export function workOrderHistoryRoutes({ engine: { orders } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(history, async (c) => {
      const { id } = c.req.valid("param");
      const page = granted(await orders.history(c.var.caller, id, c.req.valid("query")));
      return c.json({ items: page.items, nextCursor: page.nextCursor });
    })
    .openapi(at, async (c) => {
      const { id } = c.req.valid("param");
      const { order } = granted(await orders.at(c.var.caller, id, pointIn(c.req.valid("query"))));
      return answerOrder(c, order);
    })
    .openapi(verify, async (c) => {
      const { kind: _kind, ...found } = granted(
        await orders.verify(c.var.caller, c.req.valid("param").id),
      );
      return c.json(found);
    });
}

interface PointQuery {
  readonly revision?: number | undefined;
  readonly time?: string | undefined;
}
type Point = { readonly revision: number } | { readonly time: string };

function pointIn({ revision: number, time }: PointQuery): Point {
  if (number !== undefined && time === undefined) return { revision: number };
  if (number === undefined && time !== undefined) return { time };
  throw new ProblemError("request-invalid", "Give either `revision` or `time`.", {
    errors: [
      { parameter: "revision", message: "exactly one of revision and time is needed" },
      { parameter: "time", message: "exactly one of revision and time is needed" },
    ],
  });
}
