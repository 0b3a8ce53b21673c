/** `/v1/webhooks`: who is told of what happens; only admins register, see, change and remove them. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { anyRoleOf } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, once } from "../idempotency.ts";
import {
  BODY_PROBLEMS,
  jsonAnswer,
  LOCATION_HEADER,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, limit, noParameters, pageOf } from "../schemas/common.ts";
import {
  changeWebhookRequest,
  createWebhookRequest,
  rotateSecretRequest,
  webhook,
  webhookId,
  webhookMade,
} from "../schemas/webhook.ts";

const adminOnly = anyRoleOf("admin");
const params = z.object({ id: webhookId });
const tags = ["Webhooks"];

const create = createRoute({
  operationId: "createWebhook",
  method: "post",
  path: "/v1/webhooks",
  ...{ tags, summary: "Register a webhook; its secret is told this once" },
  description:
    "Deliveries are CloudEvents 1.0 in structured JSON, signed by the rules of Standard Webhooks (`webhook-id`, " +
    "`webhook-timestamp`, `webhook-signature`): at least once, the first delivery of each in order per work order. An " +
    "endpoint answers 2xx within 15 seconds. Everything else is tried again after 5 seconds to 12 hours (or after its " +
    "`Retry-After`), for 72 hours; then it is a dead letter, and the order's next delivery follows. 410 disables the " +
    "webhook. Dead letters can be listed and sent again for 30 days. Redirects are not followed. It is told of all that " +
    "happens after this answer; of what happens at the same moment it may be told.",
  middleware: [adminOnly, safeJson],
  request: {
    headers: idempotencyHeaders,
    query: noParameters,
    body: { required: true, content: { "application/json": { schema: createWebhookRequest } } },
  },
  responses: writeResponses(
    { 201: jsonAnswer("Registered", webhookMade, LOCATION_HEADER) },
    BODY_PROBLEMS,
    ["request-invalid", "role-not-allowed", "centre-not-allowed"],
    ["webhook-url-refused", "webhook-limit"],
  ),
});

const list = createRoute({
  operationId: "listWebhooks",
  method: "get",
  path: "/v1/webhooks",
  ...{ tags, summary: "List webhooks, newest first", middleware: [adminOnly] },
  request: { query: z.strictObject({ limit, cursor: cursor.optional() }) },
  responses: responses({ 200: jsonAnswer("A page", pageOf(webhook)) }, [
    "request-invalid",
    "role-not-allowed",
  ]),
});

const view = createRoute({
  operationId: "getWebhook",
  method: "get",
  path: "/v1/webhooks/{id}",
  ...{ tags, summary: "Read a webhook, without its secret", middleware: [adminOnly] },
  request: { params, query: noParameters },
  responses: responses({ 200: jsonAnswer("The webhook", webhook) }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ]),
});

const change = createRoute({
  operationId: "changeWebhook",
  method: "patch",
  path: "/v1/webhooks/{id}",
  ...{ tags, summary: "Change a webhook's address or events, disable or enable it" },
  description: "What is not named stays. Its authority stays that of whoever registered it.",
  middleware: [adminOnly, safeJson],
  request: {
    params,
    headers: idempotencyHeaders,
    query: noParameters,
    body: { required: true, content: { "application/json": { schema: changeWebhookRequest } } },
  },
  responses: writeResponses({ 200: jsonAnswer("The webhook", webhook) }, BODY_PROBLEMS, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
    "webhook-url-refused",
  ]),
});

const remove = createRoute({
  operationId: "deleteWebhook",
  method: "delete",
  path: "/v1/webhooks/{id}",
  ...{ tags, summary: "Remove a webhook and all that is queued for it", middleware: [adminOnly] },
  request: { params, headers: idempotencyHeaders, query: noParameters },
  responses: writeResponses({ 204: { description: "Removed" } }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ]),
});

const rotate = createRoute({
  operationId: "rotateWebhookSecret",
  method: "post",
  path: "/v1/webhooks/{id}/rotate-secret",
  ...{ tags, summary: "Give a webhook a new secret" },
  description:
    "Until the overlap ends every delivery is signed under both, so that receivers change over without losing one. At " +
    "most five secrets sign at once: the oldest of more ends early.",
  middleware: [adminOnly, safeJson],
  request: {
    params,
    headers: idempotencyHeaders,
    query: noParameters,
    body: { required: true, content: { "application/json": { schema: rotateSecretRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The webhook with its new secret, told this once", webhookMade) },
    BODY_PROBLEMS,
    ["not-found", "request-invalid", "role-not-allowed"],
  ),
});

export function webhookRoutes({ engine }: AppPorts): Routes {
  const { webhooks } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const page = granted(await webhooks.list(c.var.caller, exact(c.req.valid("query"))));
      return c.json({ items: page.items, nextCursor: page.nextCursor });
    })
    .openapi(view, async (c) => {
      const { id } = c.req.valid("param");
      return c.json(granted(await webhooks.get(c.var.caller, id)).webhook);
    })
    .openapi(create, (c) =>
      once(engine, c, async ({ webhooks }) => {
        const wanted = exact(c.req.valid("json"));
        const made = granted(await webhooks.create(c.var.caller, wanted));
        c.header("Location", `/v1/webhooks/${made.webhook.id}`);
        return c.json({ ...made.webhook, secret: made.secret }, 201);
      }),
    )
    .openapi(change, (c) =>
      once(engine, c, async ({ webhooks }) => {
        const { id } = c.req.valid("param");
        const patch = exact(c.req.valid("json"));
        return c.json(granted(await webhooks.change(c.var.caller, id, patch)).webhook);
      }),
    )
    .openapi(remove, (c) =>
      once(engine, c, async ({ webhooks }) => {
        granted(await webhooks.remove(c.var.caller, c.req.valid("param").id));
        return c.body(null, 204);
      }),
    )
    .openapi(rotate, (c) =>
      once(engine, c, async ({ webhooks }) => {
        const { id } = c.req.valid("param");
        const request = exact(c.req.valid("json"));
        const made = granted(await webhooks.rotate(c.var.caller, id, request));
        return c.json({ ...made.webhook, secret: made.secret });
      }),
    );
}
