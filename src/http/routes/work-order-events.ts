/** `/v1/work-orders/{id}/events`: an event is sent, or only previewed. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { MoveResult } from "../../runtime/engine.ts";
import type { Refused } from "../../runtime/refusal.ts";
import { granted, REPLAYED } from "../answer-error.ts";
import { answer } from "../answer.ts";
import { mayChange } from "../authenticate.ts";
import { readSafely } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { headerOf } from "../header.ts";
import { entityTag } from "../if-match.ts";
import { leanRoute } from "../lean-route.ts";
import { ifMatchHeaders, meeting, orderWriteHeaders, writeOptions } from "../order-write.ts";
import { APPLIED, APPLIED_HEADER, PREFER_HEADER, prefersMinimal } from "../prefer.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  EVENT_PROBLEMS,
  jsonAnswer,
  ORDER_NOT_GIVEN,
  responses,
  writeResponses,
} from "../responses.ts";
import { noParameters, orderId } from "../schemas/common.ts";
import { eventRequest, workOrder } from "../schemas/work-order.ts";
import { answerOrder } from "./work-orders.ts";

const request = {
  params: z.object({ id: orderId }),
  query: noParameters,
  headers: ifMatchHeaders,
  body: { required: true, content: { "application/json": { schema: eventRequest } } },
} as const;

const refusals = [BODY_PROBLEMS, EVENT_PROBLEMS, [...ORDER_NOT_GIVEN, "request-invalid"]] as const;

const send = createRoute({
  operationId: "sendEvent",
  method: "post",
  path: "/v1/work-orders/{id}/events",
  tags: ["Work orders"],
  summary: "Send an event to a work order",
  description:
    "With `Prefer: return=minimal` (RFC 7240) it is answered 204 without the order, which costs less: for callers that " +
    "drive orders and do not show them.",
  request: { ...request, headers: orderWriteHeaders.extend({ prefer: PREFER_HEADER }) },
  responses: writeResponses(
    {
      200: jsonAnswer("The work order after the event", workOrder, ENTITY_TAG_HEADER),
      204: {
        description: "Done; the order is left out, as was preferred",
        headers: { ...ENTITY_TAG_HEADER, ...APPLIED_HEADER },
      },
    },
    ...refusals,
  ),
});

const preview = createRoute({
  operationId: "previewEvent",
  method: "post",
  path: "/v1/work-orders/{id}/events:preview",
  tags: ["Work orders"],
  summary: "See what an event would do; nothing is written",
  description:
    "The answer that sending would give now. Its `ETag` is that of the order as it stands: an event that is sent " +
    "with it in `If-Match` does what was previewed, or is refused.",
  request,
  responses: responses(
    { 200: jsonAnswer("The work order as it would be", workOrder, ENTITY_TAG_HEADER) },
    ...refusals,
  ),
});

export function workOrderEventRoutes({ engine: { orders } }: AppPorts): Routes {
  const routes = new OpenAPIHono<HttpEnv>();
  leanRoute(routes, {
    route: send,
    walls: [mayChange, readSafely],
    handler: async (c, { params: { id }, body }) => {
      const options = await writeOptions(c);
      if (prefersMinimal(c)) {
        return answerMoved(
          c,
          granted(inBody(await orders.move(c.get("caller"), id, body, options))),
        );
      }
      return answerOrder(c, granted(inBody(await orders.send(c.get("caller"), id, body, options))));
    },
  });
  leanRoute(routes, {
    route: preview,
    walls: [readSafely],
    handler: async (c, { params: { id }, body }) => {
      const options = meeting(headerOf(c, "if-match"));
      const result = granted(inBody(await orders.preview(c.get("caller"), id, body, options)));
      return answerOrder(c, result, { tag: result.order.revision - 1 });
    },
  });
  return routes;
}

/** The engine points into the payload; the caller sent a body. */
export function pointed(refused: Refused): Refused {
  if (refused.code !== "payload-invalid") return refused;
  const errors = (refused.errors ?? []).map(({ pointer, message }) => ({
    pointer: `/payload${pointer}`,
    message,
  }));
  return { ...refused, errors };
}

function inBody<Granted extends { readonly kind: "ok" }>(
  result: Granted | Refused,
): Granted | Refused {
  return result.kind === "ok" ? result : pointed(result);
}

function answerMoved(
  c: Context<HttpEnv>,
  { revision, replayed }: Extract<MoveResult, { readonly kind: "ok" }>,
): Response {
  const tag = { ETag: entityTag(revision) };
  return answer(c, null, 204, { ...tag, ...APPLIED, ...(replayed === true ? REPLAYED : {}) });
}
