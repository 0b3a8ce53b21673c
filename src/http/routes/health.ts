/** Whether the server lives and is ready, and what its problem codes mean: for everyone, without a token. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { languageOf } from "../language.ts";
import { PROBLEMS, ProblemError } from "../problem.ts";
import type { ProblemCode } from "../problem.ts";
import { jsonAnswer, openResponses } from "../responses.ts";
import { noParameters } from "../schemas/common.ts";

const open = { tags: ["Operating"], security: [] };
const status = z.object({ status: z.string() });

const alive = createRoute({
  operationId: "getHealth",
  ...open,
  method: "get",
  path: "/healthz",
  summary: "Whether the process lives",
  request: { query: noParameters },
  responses: openResponses({ 200: jsonAnswer("It does", status) }, "request-invalid"),
});

const ready = createRoute({
  operationId: "getReadiness",
  ...open,
  method: "get",
  path: "/readyz",
  summary: "Whether the database answers and its migrations are done",
  request: { query: noParameters },
  responses: openResponses(
    { 200: jsonAnswer("Ready", status) },
    "request-invalid",
    "database-unavailable",
    "shutting-down",
    "internal-error",
  ),
});

const meaning = createRoute({
  operationId: "getProblemMeaning",
  ...open,
  method: "get",
  path: "/problems/{code}",
  summary: "What a problem code means: where the `type` of a problem leads",
  request: {
    params: z.object({ code: z.string().openapi({ example: "revision-mismatch" }) }),
    query: noParameters,
  },
  responses: openResponses(
    {
      200: jsonAnswer(
        "Its meaning",
        z.object({
          code: z.string(),
          status: z.int(),
          title: z.string(),
          retryable: z.boolean(),
        }),
      ),
    },
    "request-invalid",
    "not-found",
  ),
});

export function healthRoutes({ engine, stage }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(alive, (c) => c.json({ status: "alive" }))
    .openapi(ready, async (c) => {
      if (stage() === "stopping") throw new ProblemError("shutting-down", "Ask another server.");
      if (stage() === "starting" || !(await engine.ready())) {
        throw new ProblemError(
          "database-unavailable",
          "The database is not reached or not migrated.",
        );
      }
      return c.json({ status: "ready" });
    })
    .openapi(meaning, (c) => {
      const { code } = c.req.valid("param");
      if (!isProblemCode(code))
        throw new ProblemError("not-found", `No problem is called ${code}.`);
      const { title, status: number, retryable } = PROBLEMS[code];
      const language = languageOf(c.req.header("accept-language"));
      return c.json({ code, status: number, title: title[language], retryable });
    });
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
