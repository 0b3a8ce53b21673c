/** `/v1/jobs`: workers outside claim jobs, and keep them while they work; whoever wants to see which are open, reads. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { changesSomething } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import { claimJobs } from "../claim-jobs.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, once } from "../idempotency.ts";
import {
  BODY_PROBLEMS,
  jsonAnswer,
  ORDER_NOT_GIVEN,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, limit, name, noParameters, orderId, pageOf } from "../schemas/common.ts";
import { claimAnswer, claimRequest, extendRequest, job, leaseAnswer } from "../schemas/job.ts";

const params = z.object({ id: name });

const claim = createRoute({
  operationId: "claimJobs",
  method: "post",
  path: "/v1/jobs/claim",
  tags: ["Jobs"],
  summary: "Claim jobs, the oldest first; wait for one when there is none",
  description:
    "A claimed job is offered to nobody else until its lease ends; then, if it was not ended, it is offered again, as often " +
    "as the definition's `retries` say. A claim that finds nothing answers an empty list. Under the same `Idempotency-Key` " +
    "a claim whose answer was lost gives the same jobs with the same leases.",
  middleware: [changesSomething, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: claimRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The jobs, perhaps none", claimAnswer) },
    BODY_PROBLEMS,
    ["request-invalid", "role-not-allowed"],
  ),
});

const extend = createRoute({
  operationId: "extendJob",
  method: "post",
  path: "/v1/jobs/{id}/extend",
  tags: ["Jobs"],
  summary: "Keep a job for longer",
  middleware: [changesSomething, safeJson],
  request: {
    params,
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: extendRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("When the lease ends now", leaseAnswer) },
    BODY_PROBLEMS,
    ["request-invalid", "role-not-allowed", ...ORDER_NOT_GIVEN, "job-unknown", "lease-lost"],
  ),
});

const list = createRoute({
  operationId: "listJobs",
  method: "get",
  path: "/v1/jobs",
  tags: ["Jobs"],
  summary: "List open jobs, newest first",
  request: {
    query: z.strictObject({
      type: name.optional(),
      state: z.enum(["open", "leased", "failed"]).optional(),
      order: orderId.optional(),
      process: name.optional(),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses({ 200: jsonAnswer("A page", pageOf(job)) }, "request-invalid"),
});

const view = createRoute({
  operationId: "getJob",
  method: "get",
  path: "/v1/jobs/{id}",
  tags: ["Jobs"],
  summary: "Read an open job",
  request: { params, query: noParameters },
  responses: responses({ 200: jsonAnswer("The job", job) }, ORDER_NOT_GIVEN, "request-invalid"),
});

export function jobRoutes(ports: AppPorts): Routes {
  const { engine } = ports;
  return new OpenAPIHono<HttpEnv>()
    .openapi(claim, (c) => claimJobs(ports, c, exact(c.req.valid("json"))))
    .openapi(extend, (c) =>
      once(engine, c, async ({ jobs }) => {
        const { id } = c.req.valid("param");
        const request = exact(c.req.valid("json"));
        const { leaseUntil } = granted(await jobs.extend(c.var.caller, id, request));
        return c.json({ id, leaseUntil });
      }),
    )
    .openapi(list, async (c) => {
      const { limit: size, cursor: from, ...filter } = exact(c.req.valid("query"));
      const page = from === undefined ? { limit: size } : { limit: size, cursor: from };
      const { items, nextCursor } = await engine.jobs.list(c.var.caller, filter, page);
      return c.json({ items, nextCursor });
    })
    .openapi(view, async (c) => {
      const found = granted(await engine.jobs.get(c.var.caller, c.req.valid("param").id));
      return c.json(found.job);
    });
}
