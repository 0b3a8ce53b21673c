/** `/v1/work-orders/{id}/events`: an event is sent, or only previewed. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { OrderResult } from "../../runtime/engine.ts";
import type { Refused } from "../../runtime/refusal.ts";
import { granted } from "../answer-error.ts";
import { changesSomething } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { entityTag } from "../if-match.ts";
import { ifMatchHeaders, meeting, orderWriteHeaders, writeOptions } from "../order-write.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  EVENT_PROBLEMS,
  jsonAnswer,
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

const refusals = [BODY_PROBLEMS, EVENT_PROBLEMS, ["not-found", "request-invalid"]] as const;

const send = createRoute({
  operationId: "sendEvent",
  method: "post",
  path: "/v1/work-orders/{id}/events",
  tags: ["Work orders"],
  summary: "Send an event to a work order",
  middleware: [changesSomething, safeJson],
  request: { ...request, headers: orderWriteHeaders },
  responses: writeResponses(
    { 200: jsonAnswer("The work order after the event", workOrder, ENTITY_TAG_HEADER) },
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
  middleware: [safeJson],
  request,
  responses: responses(
    { 200: jsonAnswer("The work order as it would be", workOrder, ENTITY_TAG_HEADER) },
    ...refusals,
  ),
});

export function workOrderEventRoutes({ engine: { orders } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(send, async (c) => {
      const { id } = c.req.valid("param");
      const event = c.req.valid("json");
      const options = await writeOptions(c);
      return answerOrder(c, granted(inBody(await orders.send(c.var.caller, id, event, options))));
    })
    .openapi(preview, async (c) => {
      const { id } = c.req.valid("param");
      const event = c.req.valid("json");
      const options = meeting(c.req.header("if-match"));
      const result = granted(inBody(await orders.preview(c.var.caller, id, event, options)));
      const answer = answerOrder(c, result);
      answer.headers.set("ETag", entityTag(result.order.revision - 1));
      return answer;
    });
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

function inBody(result: OrderResult): OrderResult {
  return result.kind === "ok" ? result : pointed(result);
}
