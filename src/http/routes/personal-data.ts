/** `/v1/audit/erasures`, `restrictions`, `openings` and their cases: a person's data as a whole, on the record. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type {
  CaseDecision,
  CaseRequest,
  PersonalDataCase,
} from "../../runtime/contracts/personal-data.ts";
import { granted, REPLAYED } from "../answer-error.ts";
import { answer, say } from "../answer.ts";
import { anyRoleOf } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact, type Exact } from "../exact.ts";
import { idempotencyHeaders, idempotent } from "../idempotency.ts";
import { entityTag } from "../if-match.ts";
import { orderWriteHeaders, writeOptions } from "../order-write.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  jsonAnswer,
  LOCATION_HEADER,
  ORDER_NOT_GIVEN,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, limit, noParameters, orderId, pageOf } from "../schemas/common.ts";
import {
  caseKind,
  decisionRequest,
  opening,
  openingRequest,
  personalDataCase,
  personRequest,
} from "../schemas/personal-data.ts";

const tags = ["Personal data"];
const acting = anyRoleOf("privacy", "admin");
const reading = anyRoleOf("privacy", "admin", "auditor");

const CREATED_HEADERS = { ...ENTITY_TAG_HEADER, ...LOCATION_HEADER };
const MAKING = [
  BODY_PROBLEMS,
  ["request-invalid", "role-not-allowed", "centre-not-allowed", "process-reserved"],
  // Of its work order, made and moved like any other.
  [...ORDER_NOT_GIVEN, "judges-busy"],
] as const;

const erasure = createRoute({
  operationId: "requestErasure",
  method: "post",
  path: "/v1/audit/erasures",
  tags,
  summary: "Have a person's data erased",
  description:
    "Destroys the person's key and takes away all that is kept beside the histories, which stay and still verify: what " +
    "is sealed in them is unreadable for ever, in every copy of the database. Where four eyes are asked for it waits " +
    "for the approval of somebody else, for 30 days.",
  middleware: [acting, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: personRequest } } },
  },
  responses: writeResponses(
    { 201: jsonAnswer("The case", personalDataCase, CREATED_HEADERS) },
    ...MAKING,
    "person-restricted",
  ),
});

const restriction = createRoute({
  operationId: "restrictProcessing",
  method: "post",
  path: "/v1/audit/restrictions",
  tags,
  summary: "Have a person's data restricted",
  description:
    "From then on nobody reads the person's values, workers and webhooks neither, until it is lifted; who must, opens " +
    "them. It is in force when `state` is `restricted`.",
  middleware: [acting, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: personRequest } } },
  },
  responses: writeResponses(
    { 201: jsonAnswer("The case", personalDataCase, CREATED_HEADERS) },
    ...MAKING,
  ),
});

const open = createRoute({
  operationId: "openPersonalData",
  method: "post",
  path: "/v1/audit/openings",
  tags,
  summary: "See an order's personal values, restricted or not",
  description:
    "Each time is an entry in the case's history, written before anything is shown. The same request under its key " +
    "shows them again within the hour, which is another entry.",
  middleware: [acting, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: { required: true, content: { "application/json": { schema: openingRequest } } },
  },
  responses: writeResponses(
    { 201: jsonAnswer("The case, and what the order's history holds", opening, CREATED_HEADERS) },
    ...MAKING,
    ["order-closed", "event-not-enabled"],
  ),
});

const list = createRoute({
  operationId: "listPersonalDataCases",
  method: "get",
  path: "/v1/audit/cases",
  tags,
  summary: "List cases about persons' data, newest change first",
  middleware: [reading],
  request: {
    query: z.strictObject({
      kind: caseKind.optional(),
      status: z.enum(["active", "done", "incident"]).optional(),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses({ 200: jsonAnswer("A page", pageOf(personalDataCase)) }, [
    "request-invalid",
    "role-not-allowed",
  ]),
});

const params = z.object({ id: orderId });

const view = createRoute({
  operationId: "getPersonalDataCase",
  method: "get",
  path: "/v1/audit/cases/{id}",
  tags,
  summary: "Read a case about a person's data",
  middleware: [reading],
  request: { params, query: noParameters },
  responses: responses({ 200: jsonAnswer("The case", personalDataCase, ENTITY_TAG_HEADER) }, [
    ...ORDER_NOT_GIVEN,
    "request-invalid",
    "role-not-allowed",
  ]),
});

const decide = createRoute({
  operationId: "decidePersonalDataCase",
  method: "post",
  path: "/v1/audit/cases/{id}/decision",
  tags,
  summary: "Approve or decline an erasure, or lift a restriction",
  middleware: [acting, safeJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: { required: true, content: { "application/json": { schema: decisionRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The case after it", personalDataCase, ENTITY_TAG_HEADER) },
    BODY_PROBLEMS,
    [...ORDER_NOT_GIVEN, "request-invalid", "role-not-allowed", "revision-mismatch"],
    ["event-not-enabled", "order-closed", "invariant-violated"],
  ),
});

export function personalDataRoutes({ engine: { personalData } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(erasure, async (c) => {
      const request = requestOf(exact(c.req.valid("json")));
      const made = granted(await personalData.erase(c.var.caller, request, await idempotent(c)));
      return answerMade(c, made.case, made);
    })
    .openapi(restriction, async (c) => {
      const request = requestOf(exact(c.req.valid("json")));
      const made = granted(await personalData.restrict(c.var.caller, request, await idempotent(c)));
      return answerMade(c, made.case, made);
    })
    .openapi(open, async (c) => {
      const { order, ...because } = c.req.valid("json");
      const request = { person: { order }, ...because };
      const made = granted(await personalData.open(c.var.caller, request, await idempotent(c)));
      return answerMade(c, { case: made.case, values: made.values }, made);
    })
    .openapi(list, async (c) => {
      const { limit: size, cursor: from, ...filter } = exact(c.req.valid("query"));
      const page = from === undefined ? { limit: size } : { limit: size, cursor: from };
      const { items, nextCursor } = await personalData.list(c.var.caller, filter, page);
      return c.json({ items, nextCursor });
    })
    .openapi(view, async (c) => {
      const found = granted(await personalData.get(c.var.caller, c.req.valid("param").id));
      return c.json(found.case, 200, { ETag: entityTag(found.case.revision) });
    })
    .openapi(decide, async (c) => {
      const { id } = c.req.valid("param");
      const decision: CaseDecision = c.req.valid("json");
      const options = await writeOptions(c);
      const decided = granted(await personalData.decide(c.var.caller, id, decision, options));
      return c.json(decided.case, 200, {
        ETag: entityTag(decided.case.revision),
        ...(decided.replayed === true ? REPLAYED : {}),
      });
    });
}

function requestOf({
  subject,
  order,
  centre,
  ...because
}: Exact<z.infer<typeof personRequest>>): CaseRequest {
  if (order !== undefined) return { person: { order }, ...because };
  if (subject === undefined) throw new TypeError("expected a subject where no order is given");
  return { person: { subject, ...(centre === undefined ? {} : { centre }) }, ...because };
}

function answerMade(
  c: Context<HttpEnv>,
  body: object,
  made: { readonly case: PersonalDataCase; readonly replayed?: true },
): Response {
  const { id, revision } = made.case;
  say(c, "Location", `/v1/audit/cases/${id}`);
  return answer(c, JSON.stringify(body), 201, {
    "Content-Type": "application/json",
    ETag: entityTag(revision),
    ...(made.replayed === true ? REPLAYED : {}),
  });
}
