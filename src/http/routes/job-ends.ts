/** `/v1/jobs/{id}/complete` and `/fail`: a worker ends its job, and sees the work order after it. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { changesSomething } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { orderWriteHeaders, writeOptions } from "../order-write.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  jsonAnswer,
  ORDER_NOT_GIVEN,
  writeResponses,
} from "../responses.ts";
import { name, noParameters } from "../schemas/common.ts";
import { completeRequest, failRequest } from "../schemas/job.ts";
import { workOrder } from "../schemas/work-order.ts";
import { answerOrder } from "./work-orders.ts";

const params = z.object({ id: name });
const answer = { 200: jsonAnswer("The work order after it", workOrder, ENTITY_TAG_HEADER) };
const refusals = [
  BODY_PROBLEMS,
  ["request-invalid", "role-not-allowed", ...ORDER_NOT_GIVEN, "job-unknown", "lease-lost"],
  ["revision-mismatch", "header-invalid"],
] as const;

const complete = createRoute({
  operationId: "completeJob",
  method: "post",
  path: "/v1/jobs/{id}/complete",
  tags: ["Jobs"],
  summary: "Complete a job with its output",
  description:
    "An output that the definition's schema or the order can't take is refused, and the lease goes on: the worker may " +
    "correct itself. A lease that has ended still counts as long as nobody else claimed the job.",
  middleware: [changesSomething, safeJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: { required: true, content: { "application/json": { schema: completeRequest } } },
  },
  responses: writeResponses(
    answer,
    ...refusals,
    ["payload-invalid", "data-invalid", "invariant-violated", "expression-failed"],
    ["item-exists", "step-unbounded"],
  ),
});

const fail = createRoute({
  operationId: "failJob",
  method: "post",
  path: "/v1/jobs/{id}/fail",
  tags: ["Jobs"],
  summary: "Say that an attempt at a job failed",
  description:
    "It is offered again after a pause while retries are left. Otherwise the definition's `onError` decides, and where " +
    "none applies the job waits in an incident.",
  middleware: [changesSomething, safeJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: { required: true, content: { "application/json": { schema: failRequest } } },
  },
  responses: writeResponses(answer, ...refusals),
});

export function jobEndRoutes({ engine: { jobs } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(complete, async (c) => {
      const { id } = c.req.valid("param");
      const request = exact(c.req.valid("json"));
      const options = await writeOptions(c);
      return answerOrder(c, granted(await jobs.complete(c.var.caller, id, request, options)));
    })
    .openapi(fail, async (c) => {
      const { id } = c.req.valid("param");
      const request = exact(c.req.valid("json"));
      const options = await writeOptions(c);
      return answerOrder(c, granted(await jobs.fail(c.var.caller, id, request, options)));
    });
}
