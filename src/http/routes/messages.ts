/** `/v1/messages`: news from outside, to the one order that waits for it, or kept until one does. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { MessageSent } from "../../runtime/contracts/messages.ts";
import type { Refused } from "../../runtime/refusal.ts";
import { granted } from "../answer-error.ts";
import { changesSomething } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, once } from "../idempotency.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  EVENT_PROBLEMS,
  jsonAnswer,
  LOCATION_HEADER,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, limit, noParameters, orderId, pageOf } from "../schemas/common.ts";
import { message, MESSAGE_STATES, messageRequest } from "../schemas/message.ts";
import { workOrder } from "../schemas/work-order.ts";
import { answerOrder } from "./work-orders.ts";

const params = z.object({ id: orderId });
const tags = ["Messages"];

const send = createRoute({
  operationId: "sendMessage",
  method: "post",
  path: "/v1/messages",
  ...{ tags, summary: "Send a message to the one open order that waits for it" },
  description:
    "Which orders are meant, the correlation says; which of them waits, what this caller may send it now. With " +
    "`ttlSeconds` a message that no order waits for is kept: it is delivered once, with this caller's authority, as soon " +
    "as exactly one order waits, and of several with the same name and correlation the oldest goes first. What is kept " +
    "is stored encrypted, and its payload forgotten when it ends.",
  middleware: [changesSomething, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: messageRequest } } },
  },
  responses: writeResponses(
    {
      200: jsonAnswer("The work order that took it", workOrder, ENTITY_TAG_HEADER),
      202: jsonAnswer("Kept; no order waits for it yet", message, LOCATION_HEADER),
    },
    BODY_PROBLEMS,
    EVENT_PROBLEMS.filter((code) => code !== "revision-mismatch"),
    ["request-invalid", "not-found", "history-diverged"],
    ["message-unmatched", "message-ambiguous", "correlation-invalid", "messages-full"],
  ),
});

const list = createRoute({
  operationId: "listMessages",
  method: "get",
  path: "/v1/messages",
  ...{ tags, summary: "List messages that are or were kept, newest first" },
  description:
    "The caller's own; to an admin also those whose senders reached no further than the admin does. One that has ended is " +
    "listed for 30 days.",
  request: {
    query: z.strictObject({
      state: z.enum(MESSAGE_STATES).optional(),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses({ 200: jsonAnswer("A page", pageOf(message)) }, "request-invalid"),
});

const view = createRoute({
  operationId: "getMessage",
  method: "get",
  path: "/v1/messages/{id}",
  ...{ tags, summary: "Read what became of a message" },
  request: { params, query: noParameters },
  responses: responses({ 200: jsonAnswer("The message, without its payload", message) }, [
    "not-found",
    "request-invalid",
  ]),
});

const withdraw = createRoute({
  operationId: "withdrawMessage",
  method: "delete",
  path: "/v1/messages/{id}",
  ...{ tags, summary: "Withdraw a message that is kept; again changes nothing" },
  middleware: [changesSomething],
  request: { params, headers: idempotencyHeaders, query: noParameters },
  responses: writeResponses({ 204: { description: "It waits no longer" } }, [
    "not-found",
    "message-ended",
    "request-invalid",
    "role-not-allowed",
  ]),
});

export function messageRoutes({ engine }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(send, (c) =>
      once(
        engine,
        c,
        async ({ messages }) => {
          const request = exact(c.req.valid("json"));
          const sent = granted(inBody(await messages.send(c.var.caller, request)));
          if ("order" in sent) return answerOrder(c, sent);
          c.header("Location", `/v1/messages/${sent.message.id}`);
          return c.json(sent.message, 202);
        },
        { personal: true },
      ),
    )
    .openapi(list, async (c) => {
      const { state, ...page } = exact(c.req.valid("query"));
      const filter = state === undefined ? {} : { state };
      const found = await engine.messages.list(c.var.caller, filter, page);
      return c.json({ items: found.items, nextCursor: found.nextCursor });
    })
    .openapi(view, async (c) => {
      const { id } = c.req.valid("param");
      return c.json(granted(await engine.messages.get(c.var.caller, id)).message);
    })
    .openapi(withdraw, (c) =>
      once(engine, c, async ({ messages }) => {
        granted(await messages.withdraw(c.var.caller, c.req.valid("param").id));
        return c.body(null, 204);
      }),
    );
}

/** The engine points into the payload or the correlation; the caller sent a body. */
function inBody(result: MessageSent | Refused): MessageSent | Refused {
  if (result.kind === "ok" || result.errors === undefined) return result;
  const part = PARTS[result.code];
  if (part === undefined) return result;
  const errors = result.errors.map(({ pointer, message: said }) => ({
    pointer: `${part}${pointer}`,
    message: said,
  }));
  return { ...result, errors };
}

const PARTS: { readonly [code in Refused["code"]]?: string } = {
  "payload-invalid": "/payload",
  "correlation-invalid": "/correlation",
};
