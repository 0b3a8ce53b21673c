/** `/v1/test-clocks`: virtual clocks on which an admin lets orders live, and which only an admin moves. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import { anyRoleOf } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { idempotencyHeaders, keeping, once } from "../idempotency.ts";
import {
  BODY_PROBLEMS,
  jsonAnswer,
  LOCATION_HEADER,
  responses,
  writeResponses,
} from "../responses.ts";
import { instant, instantAnswer, name, noParameters } from "../schemas/common.ts";

const clock = { id: z.string(), now: instantAnswer } as const;
const testClock = z.object(clock).openapi("TestClock");
const advanced = z
  .object({
    ...clock,
    arrived: z.boolean().openapi({ description: "false: it stopped on the way, at `now`" }),
  })
  .openapi("AdvancedTestClock");
const params = z.object({ id: name });
const adminOnly = anyRoleOf("admin");

const create = createRoute({
  operationId: "createTestClock",
  method: "post",
  path: "/v1/test-clocks",
  tags: ["Test clocks"],
  summary: "Make a test clock",
  description:
    "It is of its maker's centres: only their orders live by it, and an admin who does not reach them all does not see it.",
  middleware: [adminOnly, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ now: instant.optional() })
            .openapi("CreateTestClock", { example: { now: "2026-11-23T08:00:00.000Z" } }),
        },
      },
    },
  },
  responses: writeResponses(
    { 201: jsonAnswer("Made", testClock, LOCATION_HEADER) },
    BODY_PROBLEMS,
    "request-invalid",
    "role-not-allowed",
    "centre-not-allowed",
  ),
});

const view = createRoute({
  operationId: "getTestClock",
  method: "get",
  path: "/v1/test-clocks/{id}",
  tags: ["Test clocks"],
  summary: "Read a test clock",
  middleware: [adminOnly],
  request: { params, query: noParameters },
  responses: responses(
    { 200: jsonAnswer("The clock", testClock) },
    "not-found",
    "test-clock-unknown",
    "request-invalid",
    "role-not-allowed",
  ),
});

const advance = createRoute({
  operationId: "advanceTestClock",
  method: "post",
  path: "/v1/test-clocks/{id}/advance",
  tags: ["Test clocks"],
  summary: "Move a test clock forward; what falls due on the way happens, each at its instant",
  description:
    "After some 10,000 timers it stops on the way: `arrived` is false, `now` says how far it came, and all that was due " +
    "until then has happened. Send it again, under a key of its own, until it has arrived.",
  middleware: [adminOnly, safeJson],
  request: {
    params,
    query: noParameters,
    headers: idempotencyHeaders,
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z
            .strictObject({ to: instant })
            .openapi("AdvanceTestClock", { example: { to: "2026-11-24T08:00:00.000Z" } }),
        },
      },
    },
  },
  responses: writeResponses(
    { 200: jsonAnswer("The clock, and whether it has come to the instant", advanced) },
    BODY_PROBLEMS,
    ["request-invalid", "role-not-allowed", "not-found", "test-clock-unknown", "history-diverged"],
    ["test-clock-backwards", "test-clock-stuck"],
  ),
});

export function testClockRoutes({ engine }: AppPorts): Routes {
  const { testClocks } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(create, (c) =>
      once(engine, c, async ({ testClocks }) => {
        const made = await testClocks.create(c.var.caller, c.req.valid("json").now);
        const { id, now } = granted(made);
        c.header("Location", `/v1/test-clocks/${id}`);
        return c.json({ id, now }, 201);
      }),
    )
    .openapi(view, async (c) => {
      const { id, now } = granted(await testClocks.get(c.var.caller, c.req.valid("param").id));
      return c.json({ id, now });
    })
    .openapi(advance, (c) =>
      keeping(engine, c, async () => {
        const { to } = c.req.valid("json");
        const moved = await testClocks.advance(c.var.caller, c.req.valid("param").id, to);
        const { id, now, arrived } = granted(moved);
        return c.json({ id, now, arrived });
      }),
    );
}
