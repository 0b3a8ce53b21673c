/** `/v1/webhooks/{id}/deliveries`: what was sent and what came of it; sent again, and tried out. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { anyRoleOf } from "../authenticate.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, once } from "../idempotency.ts";
import { jsonAnswer, responses, writeResponses } from "../responses.ts";
import { cursor, limit, name, noParameters, orderId, pageOf } from "../schemas/common.ts";
import { delivery, deliveryState, webhookId } from "../schemas/webhook.ts";

const adminOnly = anyRoleOf("admin");
const params = z.object({ id: webhookId });
const tags = ["Webhooks"];

const list = createRoute({
  operationId: "listDeliveries",
  method: "get",
  path: "/v1/webhooks/{id}/deliveries",
  ...{ tags, summary: "List a webhook's deliveries, newest first", middleware: [adminOnly] },
  description:
    "What arrived stays for seven days, a dead letter (`?state=dead`) for thirty, and can be sent again until then. " +
    "Bodies and answers are not kept.",
  request: {
    params,
    query: z.strictObject({
      state: deliveryState.optional(),
      order: orderId.optional(),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses({ 200: jsonAnswer("A page", pageOf(delivery)) }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ]),
});

const resend = createRoute({
  operationId: "resendDelivery",
  method: "post",
  path: "/v1/webhooks/{id}/deliveries/{delivery}/resend",
  ...{ tags, summary: "Send a delivery again, at its place among its order's deliveries" },
  description: "One that is still pending is tried at once instead of at its time.",
  middleware: [adminOnly],
  request: {
    params: params.extend({ delivery: name }),
    headers: idempotencyHeaders,
    query: noParameters,
  },
  responses: writeResponses({ 202: jsonAnswer("Queued", delivery) }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
    "webhook-disabled",
  ]),
});

const test = createRoute({
  operationId: "testWebhook",
  method: "post",
  path: "/v1/webhooks/{id}/test",
  ...{ tags, summary: "Send a `sevenstep.webhook.test` event" },
  description:
    "It goes the way of every delivery; what came of it stands in the list of deliveries.",
  middleware: [adminOnly],
  request: { params, headers: idempotencyHeaders, query: noParameters },
  responses: writeResponses({ 202: jsonAnswer("Queued", delivery) }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
    "webhook-disabled",
  ]),
});

export function webhookDeliveryRoutes({ engine }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const { id } = c.req.valid("param");
      const query = exact(c.req.valid("query"));
      const page = granted(await engine.webhooks.deliveries(c.var.caller, id, query));
      return c.json({ items: page.items, nextCursor: page.nextCursor });
    })
    .openapi(resend, (c) =>
      once(engine, c, async ({ webhooks }) => {
        const { id, delivery } = c.req.valid("param");
        return c.json(granted(await webhooks.resend(c.var.caller, id, delivery)).delivery, 202);
      }),
    )
    .openapi(test, (c) =>
      once(engine, c, async ({ webhooks }) => {
        const { id } = c.req.valid("param");
        return c.json(granted(await webhooks.test(c.var.caller, id)).delivery, 202);
      }),
    );
}
