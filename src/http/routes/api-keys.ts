/** `/v1/api-keys`: keys by which systems call as themselves; only admins make, see, rotate and revoke them. */

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
import {
  apiKey,
  apiKeyId,
  apiKeyMade,
  createApiKeyRequest,
  rotateApiKeyRequest,
} from "../schemas/api-key.ts";
import { cursor, limit, noParameters, pageOf } from "../schemas/common.ts";

const adminOnly = anyRoleOf("admin");
const params = z.object({ id: apiKeyId });
const tags = ["API keys"];

const create = createRoute({
  operationId: "createApiKey",
  method: "post",
  path: "/v1/api-keys",
  ...{ tags, summary: "Make an API key; the key itself is told this once" },
  description:
    "Send the key as `Authorization: Bearer ssk_…`. Its holder acts in its roles, in its centres, as `api-key:<id>`. An " +
    "admin of some centres makes keys for those only.",
  middleware: [adminOnly, safeJson],
  request: {
    headers: idempotencyHeaders,
    query: noParameters,
    body: { required: true, content: { "application/json": { schema: createApiKeyRequest } } },
  },
  responses: writeResponses(
    { 201: jsonAnswer("Made", apiKeyMade, LOCATION_HEADER) },
    BODY_PROBLEMS,
    ["request-invalid", "role-not-allowed", "centre-not-allowed"],
  ),
});

const list = createRoute({
  operationId: "listApiKeys",
  method: "get",
  path: "/v1/api-keys",
  ...{ tags, summary: "List API keys, newest first", middleware: [adminOnly] },
  request: { query: z.strictObject({ limit, cursor: cursor.optional() }) },
  responses: responses(
    { 200: jsonAnswer("A page", pageOf(apiKey)) },
    "request-invalid",
    "role-not-allowed",
  ),
});

const view = createRoute({
  operationId: "getApiKey",
  method: "get",
  path: "/v1/api-keys/{id}",
  ...{ tags, summary: "Read what an API key may do, and when it was last used" },
  middleware: [adminOnly],
  request: { params, query: noParameters },
  responses: responses({ 200: jsonAnswer("The key, without its secret", apiKey) }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ]),
});

const rotate = createRoute({
  operationId: "rotateApiKey",
  method: "post",
  path: "/v1/api-keys/{id}/rotate",
  ...{ tags, summary: "Give an API key a new secret" },
  description:
    "The secret until now stays good for the overlap, so that its holder can be told in time. A secret before that one " +
    "ends at once. What ends is refused by every server within two seconds.",
  middleware: [adminOnly, safeJson],
  request: {
    params,
    headers: idempotencyHeaders,
    query: noParameters,
    body: { required: true, content: { "application/json": { schema: rotateApiKeyRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The key with its new secret, told this once", apiKeyMade) },
    BODY_PROBLEMS,
    ["not-found", "request-invalid", "role-not-allowed"],
  ),
});

const revoke = createRoute({
  operationId: "revokeApiKey",
  method: "delete",
  path: "/v1/api-keys/{id}",
  ...{ tags, summary: "Revoke an API key for good; every server refuses it within two seconds" },
  middleware: [adminOnly],
  request: { params, headers: idempotencyHeaders, query: noParameters },
  responses: writeResponses({ 204: { description: "Revoked" } }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ]),
});

export function apiKeyRoutes({ engine }: AppPorts): Routes {
  const { apiKeys } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const page = granted(await apiKeys.list(c.var.caller, exact(c.req.valid("query"))));
      return c.json({ items: page.items, nextCursor: page.nextCursor });
    })
    .openapi(view, async (c) => {
      const { id } = c.req.valid("param");
      return c.json(granted(await apiKeys.get(c.var.caller, id)).apiKey);
    })
    .openapi(create, (c) =>
      once(engine, c, async ({ apiKeys }) => {
        const { centres, ...request } = c.req.valid("json");
        const reach = centres === undefined ? {} : { centres: centres === "*" ? null : centres };
        const wanted = exact({ ...request, ...reach });
        const { apiKey: made, key } = granted(await apiKeys.create(c.var.caller, wanted));
        c.header("Location", `/v1/api-keys/${made.id}`);
        return c.json({ ...made, key }, 201);
      }),
    )
    .openapi(rotate, (c) =>
      once(engine, c, async ({ apiKeys }) => {
        const { id } = c.req.valid("param");
        const { overlapSeconds } = c.req.valid("json");
        const rotated = granted(await apiKeys.rotate(c.var.caller, id, overlapSeconds));
        return c.json({ ...rotated.apiKey, key: rotated.key });
      }),
    )
    .openapi(revoke, (c) =>
      once(engine, c, async ({ apiKeys }) => {
        granted(await apiKeys.revoke(c.var.caller, c.req.valid("param").id));
        return c.body(null, 204);
      }),
    );
}
