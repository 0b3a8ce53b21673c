/** `/v1/work-orders`: orders are created, read and listed. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { jsonBytesAround } from "../../audit/kept-text.ts";
import type { WorkOrder } from "../../runtime/work-order.ts";
import { damagedIn, granted, REPLAYED } from "../answer-error.ts";
import { answer, say } from "../answer.ts";
import { changesSomething } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { headerOf } from "../header.ts";
import { idempotencyHeaders, idempotent } from "../idempotency.ts";
import { entityTag, hasRevision, newestRevision } from "../if-match.ts";
import { AGE_HEADER, readFor, STALE_HEADERS } from "../max-stale.ts";
import { ProblemError } from "../problem.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  jsonAnswer,
  LOCATION_HEADER,
  ORDER_NOT_GIVEN,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, flag, limit, name, noParameters, orderId } from "../schemas/common.ts";
import { pageOfOrders } from "../schemas/order-page.ts";
import { createRequest, workOrder } from "../schemas/work-order.ts";
import { speaking, spokenOrder } from "../spoken.ts";

const CREATED_HEADERS = { ...ENTITY_TAG_HEADER, ...LOCATION_HEADER };

const create = createRoute({
  operationId: "createWorkOrder",
  method: "post",
  path: "/v1/work-orders",
  tags: ["Work orders"],
  summary: "Create a work order",
  description: "The very same request with an `id` of its own may be sent again: it creates once.",
  middleware: [changesSomething, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: createRequest } } },
  },
  responses: writeResponses(
    {
      201: jsonAnswer("Created", workOrder, CREATED_HEADERS),
      200: jsonAnswer("Created before by the very same request", workOrder, CREATED_HEADERS),
    },
    BODY_PROBLEMS,
    ["request-invalid", "definition-unknown", "id-unavailable", "role-not-allowed"],
    // Of an answer that is given again, when the caller's token does not reach the order any more.
    ORDER_NOT_GIVEN,
    ["centre-not-allowed", "data-invalid", "expression-failed", "invariant-violated"],
    "test-clock-unknown",
  ),
});

const view = createRoute({
  operationId: "getWorkOrder",
  method: "get",
  path: "/v1/work-orders/{id}",
  tags: ["Work orders"],
  summary: "Read a work order",
  description:
    "With `If-None-Match` it is answered 304 as long as nothing happened to the order; what time alone changes in " +
    "`enabled` is no news.",
  request: {
    params: z.object({ id: orderId }),
    query: noParameters,
    headers: z.object({
      ...STALE_HEADERS,
      "if-none-match": z.string().optional().openapi({
        description: "The `ETag` of the order that the caller has",
        example: '"7"',
      }),
    }),
  },
  responses: responses(
    {
      200: jsonAnswer("The work order", workOrder, { ...ENTITY_TAG_HEADER, ...AGE_HEADER }),
      304: {
        description: "The caller has it",
        headers: { ...ENTITY_TAG_HEADER, ...AGE_HEADER },
      },
    },
    [...ORDER_NOT_GIVEN, "request-invalid", "header-invalid"],
  ),
});

const list = createRoute({
  operationId: "listWorkOrders",
  method: "get",
  path: "/v1/work-orders",
  tags: ["Work orders"],
  summary: "List work orders, newest change first",
  request: {
    headers: z.object(STALE_HEADERS),
    query: z.strictObject({
      process: name.optional(),
      version: name.optional(),
      status: z.enum(["active", "done", "incident"]).optional(),
      step: name.optional(),
      centre: name.optional(),
      businessKey: name.optional(),
      tag: name.optional(),
      overdue: flag.optional().openapi({
        description: "whether an open task is past its `dueAt`, or a timer could not fire",
      }),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses(
    { 200: jsonAnswer("A page", pageOfOrders(workOrder), AGE_HEADER) },
    "request-invalid",
  ),
});

export function workOrderRoutes({ engine, log }: AppPorts): Routes {
  const { orders } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(create, async (c) => {
      const request = exact(c.req.valid("json"));
      const result = granted(await orders.create(c.var.caller, request, await idempotent(c)));
      say(c, "Location", `/v1/work-orders/${result.order.id}`);
      return answerOrder(c, result, { status: result.created ? 201 : 200 });
    })
    .openapi(view, async (c) => {
      const { id } = c.req.valid("param");
      const condition = headerOf(c, "if-none-match");
      const newest = newestRevision(condition);
      const seen = await readFor(
        c,
        engine,
        (reads) => reads.view(c.var.caller, id),
        ({ order }) => order.revision >= newest,
      );
      const { revision } = seen.order;
      const known = hasRevision(condition, revision);
      if (known === null) {
        const detail = 'If-None-Match must be `*` or entity tags such as `"7"`.';
        throw new ProblemError("header-invalid", detail);
      }
      if (!known || !seen.asWritten) return answerOrder(c, seen);
      return c.body(null, 304, { ETag: entityTag(revision) });
    })
    .openapi(list, async (c) => {
      const { limit: size, cursor: from, ...filter } = exact(c.req.valid("query"));
      const page = from === undefined ? { limit: size } : { limit: size, cursor: from };
      const { items, nextCursor, ...rest } = await readFor(c, engine, (reads) =>
        reads.list(c.var.caller, filter, page),
      );
      const language = speaking(c);
      const spoken = items.map((order) => spokenOrder(order, language));
      return c.json({ items: spoken, nextCursor, ...damagedIn(rest, c, log) });
    });
}

export function answerOrder(
  c: Context<HttpEnv>,
  { order, replayed }: { readonly order: WorkOrder; readonly replayed?: true },
  { status = 200, tag = order.revision }: { status?: 200 | 201; tag?: number } = {},
) {
  const spoken = spokenOrder(order, speaking(c));
  return answer(c, jsonBytesAround(spoken), status, {
    "Content-Type": "application/json",
    ETag: entityTag(tag),
    ...(replayed === true ? REPLAYED : {}),
  });
}
