/** `/v1/tasks`: what waits for a person, and who has taken it. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Task } from "../../runtime/task.ts";
import { damagedIn, granted } from "../answer-error.ts";
import { changesSomething } from "../authenticate.ts";
import { optionalJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { headerOf } from "../header.ts";
import { once } from "../idempotency.ts";
import { entityTag } from "../if-match.ts";
import { meeting, orderWriteHeaders } from "../order-write.ts";
import {
  BODY_PROBLEMS,
  ENTITY_TAG_HEADER,
  jsonAnswer,
  responses,
  writeResponses,
} from "../responses.ts";
import { cursor, flag, limit, name, noParameters, orderId } from "../schemas/common.ts";
import { pageOfOrders } from "../schemas/order-page.ts";
import { claimRequest, task } from "../schemas/task.ts";
import { speaking, spokenTask } from "../spoken.ts";

const params = z.object({ id: name.toLowerCase() });

const list = createRoute({
  operationId: "listTasks",
  method: "get",
  path: "/v1/tasks",
  tags: ["Tasks"],
  summary: "List open tasks, the longest open first",
  request: {
    query: z.strictObject({
      role: name.optional(),
      centre: name.optional(),
      assignee: name.optional().openapi({ description: "who took it, by `sub`" }),
      assigned: flag.optional().openapi({ description: "whether anybody took it" }),
      process: name.optional(),
      order: orderId.optional(),
      businessKey: name.optional(),
      overdue: flag.optional().openapi({ description: "whether `dueAt` has come" }),
      limit,
      cursor: cursor.optional(),
    }),
  },
  responses: responses({ 200: jsonAnswer("A page", pageOfOrders(task)) }, "request-invalid"),
});

const view = createRoute({
  operationId: "getTask",
  method: "get",
  path: "/v1/tasks/{id}",
  tags: ["Tasks"],
  summary: "Read an open task",
  request: { params, query: noParameters },
  responses: responses(
    { 200: jsonAnswer("The task", task, ENTITY_TAG_HEADER) },
    ["not-found", "history-diverged"],
    "request-invalid",
  ),
});

const REFUSALS = [
  BODY_PROBLEMS,
  ["not-found", "history-diverged", "request-invalid", "role-not-allowed"],
  ["task-claimed", "revision-mismatch"],
] as const;

const claim = createRoute({
  operationId: "claimTask",
  method: "post",
  path: "/v1/tasks/{id}/claim",
  tags: ["Tasks"],
  summary: "Take a task, or give it to somebody",
  description:
    "Of several who claim at once one gets it. A claim says who means to do the task; who may send the event that ends " +
    "it stays with the definition. It makes no revision of the order.",
  middleware: [changesSomething, optionalJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: { content: { "application/json": { schema: claimRequest } } },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The task, taken", task, ENTITY_TAG_HEADER) },
    ...REFUSALS,
  ),
});

const release = createRoute({
  operationId: "releaseTask",
  method: "post",
  path: "/v1/tasks/{id}/release",
  tags: ["Tasks"],
  summary: "Give a task back",
  middleware: [changesSomething, optionalJson],
  request: {
    params,
    query: noParameters,
    headers: orderWriteHeaders,
    body: {
      content: { "application/json": { schema: z.strictObject({}).openapi("ReleaseTask") } },
    },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The task, which nobody has", task, ENTITY_TAG_HEADER) },
    ...REFUSALS,
  ),
});

export function taskRoutes({ engine, log }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const { limit: size, cursor: from, ...filter } = exact(c.req.valid("query"));
      const page = from === undefined ? { limit: size } : { limit: size, cursor: from };
      const found = await engine.tasks.list(c.var.caller, filter, page);
      const { items, nextCursor, ...rest } = found;
      const language = speaking(c);
      const spoken = items.map((each) => spokenTask(each, language));
      return c.json({ items: spoken, nextCursor, ...damagedIn(rest, c, log) });
    })
    .openapi(view, async (c) =>
      answerTask(c, granted(await engine.tasks.view(c.var.caller, c.req.valid("param").id))),
    )
    .openapi(claim, (c) =>
      once(engine, c, async ({ tasks }) => {
        const { id } = c.req.valid("param");
        const request = exact(c.req.valid("json"));
        const options = meeting(headerOf(c, "if-match"));
        return answerTask(c, granted(await tasks.claim(c.var.caller, id, request, options)));
      }),
    )
    .openapi(release, (c) =>
      once(engine, c, async ({ tasks }) => {
        const { id } = c.req.valid("param");
        const options = meeting(headerOf(c, "if-match"));
        return answerTask(c, granted(await tasks.release(c.var.caller, id, options)));
      }),
    );
}

function answerTask(c: Context<HttpEnv>, { task: answered }: { readonly task: Task }): Response {
  c.header("ETag", entityTag(answered.revision));
  const spoken = spokenTask(answered, speaking(c));
  return c.body(JSON.stringify(spoken), 200, { "Content-Type": "application/json" });
}
