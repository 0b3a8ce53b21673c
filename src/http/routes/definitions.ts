/** `/v1/definitions`: processes and versions are published, judged, listed, and made the default. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { anyRoleOf, everyCentre } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { DEFINITION_BODY, definitionIn } from "../definition-body.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, once } from "../idempotency.ts";
import {
  BODY_PROBLEMS,
  jsonAnswer,
  LOCATION_HEADER,
  responses,
  writeResponses,
} from "../responses.ts";
import { noParameters, pageOf, pageQuery, processName, version } from "../schemas/common.ts";
import { definitionVersion, judgement, processSummary, published } from "../schemas/definition.ts";

const publishers = anyRoleOf("admin", "designer");
const DEFINITION_BODY_PROBLEMS = [
  "body-malformed",
  "body-text-unsafe",
  "body-too-large",
  "media-type-unsupported",
  "request-too-slow",
] as const;

const JUDGING_PROBLEMS = ["definition-too-costly", "judges-busy"] as const;

const publish = createRoute({
  operationId: "publishDefinition",
  method: "post",
  path: "/v1/definitions",
  tags: ["Definitions"],
  summary: "Publish a version of a process; it never changes afterwards",
  description: "Processes are shared by all centres: it takes a token that reaches all.",
  middleware: [publishers, everyCentre],
  request: { query: noParameters, headers: idempotencyHeaders, body: DEFINITION_BODY },
  responses: writeResponses(
    {
      201: jsonAnswer("Published", published, LOCATION_HEADER),
      200: jsonAnswer("The very same document was published before", published, LOCATION_HEADER),
    },
    DEFINITION_BODY_PROBLEMS,
    ["request-invalid", "definition-invalid", "version-published"],
    ["role-not-allowed", "centre-not-allowed"],
    JUDGING_PROBLEMS,
  ),
});

const check = createRoute({
  operationId: "checkDefinition",
  method: "post",
  path: "/v1/definitions/check",
  tags: ["Definitions"],
  summary: "Judge a definition as publishing would; nothing is stored",
  middleware: [publishers],
  request: { query: noParameters, body: DEFINITION_BODY },
  responses: responses(
    { 200: jsonAnswer("The judgement, whether good or bad", judgement) },
    DEFINITION_BODY_PROBLEMS,
    ["request-invalid", "role-not-allowed"],
    JUDGING_PROBLEMS,
  ),
});

const listProcesses = createRoute({
  operationId: "listProcesses",
  method: "get",
  path: "/v1/definitions",
  tags: ["Definitions"],
  summary: "List processes",
  request: { query: pageQuery },
  responses: responses({ 200: jsonAnswer("A page", pageOf(processSummary)) }, "request-invalid"),
});

const listVersions = createRoute({
  operationId: "listVersions",
  method: "get",
  path: "/v1/definitions/{process}",
  tags: ["Definitions"],
  summary: "List the versions of a process, newest publication first",
  request: { params: z.object({ process: processName }), query: pageQuery },
  responses: responses(
    { 200: jsonAnswer("A page", pageOf(definitionVersion)) },
    "not-found",
    "definition-unknown",
    "request-invalid",
  ),
});

const setDefault = createRoute({
  operationId: "setDefaultVersion",
  method: "put",
  path: "/v1/definitions/{process}/default",
  tags: ["Definitions"],
  summary: "Choose the version that new orders take",
  description: "In all centres: it takes a token that reaches all.",
  middleware: [publishers, everyCentre, safeJson],
  request: {
    params: z.object({ process: processName }),
    query: noParameters,
    headers: idempotencyHeaders,
    body: {
      required: true,
      content: {
        "application/json": { schema: z.strictObject({ version }).openapi("DefaultVersion") },
      },
    },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The default from now on", z.object({ process: processName, version })) },
    BODY_PROBLEMS,
    ["request-invalid", "not-found", "definition-unknown"],
    ["role-not-allowed", "centre-not-allowed"],
  ),
});

export function definitionRoutes({ engine }: AppPorts): Routes {
  const { definitions } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(publish, async (c) => {
      const source = await definitionIn(c);
      // Judged before the transaction begins: it would hold the database for as long.
      const { judged } = granted(await definitions.judge(source));
      return once(engine, c, async ({ definitions }) => {
        const result = await definitions.publish(c.var.caller, source, judged);
        const { definition, created } = granted(result);
        c.header("Location", `/v1/definitions/${definition.process}/${definition.version}`);
        return c.json(definition, created ? 201 : 200);
      });
    })
    .openapi(check, async (c) => {
      const { ok, definition, findings } = granted(await definitions.check(await definitionIn(c)));
      const { process, version: number, digest } = definition ?? UNIDENTIFIED;
      return c.json({ ok, process, version: number, digest, findings });
    })
    .openapi(listProcesses, async (c) => {
      const { items, nextCursor } = await definitions.processes(exact(c.req.valid("query")));
      return c.json({ items, nextCursor });
    })
    .openapi(listVersions, async (c) => {
      const { process } = c.req.valid("param");
      const page = exact(c.req.valid("query"));
      const { items, nextCursor } = granted(await definitions.versionsOf(process, page));
      return c.json({ items, nextCursor });
    })
    .openapi(setDefault, (c) =>
      once(engine, c, async ({ definitions }) => {
        const { process } = c.req.valid("param");
        const { version: number } = c.req.valid("json");
        granted(await definitions.setDefault(c.var.caller, process, number));
        return c.json({ process, version: number });
      }),
    );
}

const UNIDENTIFIED = { process: null, version: null, digest: null };
