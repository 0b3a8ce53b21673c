/** `/v1/incidents`: what could not go on by itself, and the person who decides how it does. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted, REPLAYED } from "../answer-error.ts";
import { anyRoleOf } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { orderWriteHeaders, writeOptions } from "../order-write.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  jsonAnswer,
  ORDER_NOT_GIVEN,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, limit, name, noParameters, orderId, pageOf } from "../schemas/common.ts";
import { incident, resolveRequest, retryRequest } from "../schemas/incident.ts";
import { workOrder } from "../schemas/work-order.ts";
import { answerOrder } from "./work-orders.ts";

const params = z.object({ id: name });
const deciding = anyRoleOf("admin", "manager");

const list = createRoute({
  operationId: "listIncidents",
  method: "get",
  path: "/v1/incidents",
  tags: ["Incidents"],
  summary: "List incidents, newest first",
  request: {
    query: z.strictObject({
      status: z.enum(["open", "closed"]).default("open"),
      order: orderId.optional(),
      process: name.optional(),
      centre: name.optional(),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses({ 200: jsonAnswer("A page", pageOf(incident)) }, "request-invalid"),
});

const view = createRoute({
  operationId: "getIncident",
  method: "get",
  path: "/v1/incidents/{id}",
  tags: ["Incidents"],
  summary: "Read an incident",
  request: { params, query: noParameters },
  responses: responses(
    { 200: jsonAnswer("The incident", incident) },
    "not-found",
    "request-invalid",
  ),
});

const retry = createRoute({
  operationId: "retryIncident",
  method: "post",
  path: "/v1/incidents/{id}/retry",
  tags: ["Incidents"],
  summary: "Try the timer or the job again at once",
  middleware: [deciding, safeJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: { required: true, content: { "application/json": { schema: retryRequest } } },
  },
  responses: writeResponses(
    { 204: { description: "It is tried again" } },
    BODY_PROBLEMS,
    [...ORDER_NOT_GIVEN, "incident-closed", "revision-mismatch"],
    ["request-invalid", "role-not-allowed"],
  ),
});

const resolve = createRoute({
  operationId: "resolveIncident",
  method: "post",
  path: "/v1/incidents/{id}/resolve",
  tags: ["Incidents"],
  summary: "Go on without it: a job is completed with the output, a timer is given up",
  description:
    "Either is an entry in the order's history, of the person who decides it and with the reason.",
  middleware: [deciding, safeJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: { required: true, content: { "application/json": { schema: resolveRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The work order after it", workOrder, ENTITY_TAG_HEADER) },
    BODY_PROBLEMS,
    [
      ...ORDER_NOT_GIVEN,
      "incident-closed",
      "revision-mismatch",
      "request-invalid",
      "role-not-allowed",
    ],
    ["payload-invalid", "data-invalid", "invariant-violated", "expression-failed"],
    ["item-exists", "step-unbounded"],
  ),
});

export function incidentRoutes({ engine: { incidents } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const { limit: size, cursor: from, ...filter } = exact(c.req.valid("query"));
      const page = from === undefined ? { limit: size } : { limit: size, cursor: from };
      const { items, nextCursor } = await incidents.list(c.var.caller, filter, page);
      return c.json({ items, nextCursor });
    })
    .openapi(view, async (c) => {
      const found = granted(await incidents.get(c.var.caller, c.req.valid("param").id));
      return c.json(found.incident);
    })
    .openapi(retry, async (c) => {
      const { id } = c.req.valid("param");
      const { reason } = c.req.valid("json");
      const options = await writeOptions(c);
      const { replayed } = granted(await incidents.retry(c.var.caller, id, reason, options));
      return c.body(null, 204, replayed === true ? REPLAYED : {});
    })
    .openapi(resolve, async (c) => {
      const { id } = c.req.valid("param");
      const request = exact(c.req.valid("json"));
      const options = await writeOptions(c);
      return answerOrder(c, granted(await incidents.resolve(c.var.caller, id, request, options)));
    });
}
