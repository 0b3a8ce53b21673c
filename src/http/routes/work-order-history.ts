/** `/v1/work-orders/{id}`'s past: history, the order as it was, and the proof that both agree. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { granted } from "../answer-error.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { AGE_HEADER, readFor, STALE_HEADERS } from "../max-stale.ts";
import { negotiate } from "../negotiate.ts";
import { ProblemError } from "../problem.ts";
import { ENTITY_TAG_HEADER, jsonAnswer, ORDER_NOT_GIVEN, responses } from "../responses.ts";
import { instant, limit, noParameters, orderId, pageOf, revision } from "../schemas/common.ts";
import { historyEntry, verification } from "../schemas/history.ts";
import { workOrder } from "../schemas/work-order.ts";
import { answerOrder } from "./work-orders.ts";

const params = z.object({ id: orderId });
const OFFERS = ["application/json", "application/x-ndjson"] as const;

/** A history only grows at its end: a revision names a place in it for ever. */
const historyCursor = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, "expected the nextCursor of a page of this history")
  .transform(Number)
  .openapi({ type: "string", description: "`nextCursor` of the page before" });

const history = createRoute({
  operationId: "getHistory",
  method: "get",
  path: "/v1/work-orders/{id}/history",
  tags: ["History"],
  summary: "Read a work order's history, in order",
  description:
    "As `application/x-ndjson` it gives the stored lines themselves, each ended by a line feed: the SHA-256 of a line without its line feed is the next line's `prev`.",
  request: {
    params,
    headers: z.object(STALE_HEADERS),
    query: z.strictObject({
      after: revision.default(0).openapi({
        default: 0,
        description: "only entries of later revisions; `nextCursor` goes here too",
      }),
      limit,
      cursor: historyCursor.optional(),
    }),
  },
  responses: responses(
    {
      200: {
        description: "A page of entries",
        headers: AGE_HEADER,
        content: {
          "application/json": { schema: pageOf(historyEntry) },
          "application/x-ndjson": { schema: { type: "string" } },
        },
      },
    },
    ORDER_NOT_GIVEN,
    "request-invalid",
    "history-diverged",
  ),
});

const at = createRoute({
  operationId: "getWorkOrderAt",
  method: "get",
  path: "/v1/work-orders/{id}/at",
  tags: ["History"],
  summary: "Read a work order as it was, replayed from its history alone",
  request: {
    params,
    headers: z.object(STALE_HEADERS),
    query: z.strictObject({ revision: revision.optional(), time: instant.optional() }),
  },
  responses: responses(
    {
      200: jsonAnswer("The work order as it was", workOrder, {
        ...ENTITY_TAG_HEADER,
        ...AGE_HEADER,
      }),
    },
    ORDER_NOT_GIVEN,
    "history-diverged",
    "request-invalid",
  ),
});

const verify = createRoute({
  operationId: "verifyWorkOrder",
  method: "post",
  path: "/v1/work-orders/{id}/verify",
  tags: ["History"],
  summary: "Replay and re-hash a work order's whole history; nothing is written",
  request: { params, query: noParameters },
  responses: responses(
    { 200: jsonAnswer("What was found", verification) },
    ORDER_NOT_GIVEN,
    "request-invalid",
  ),
});

export function workOrderHistoryRoutes({ engine }: AppPorts): Routes {
  const { orders } = engine;
  return new OpenAPIHono<HttpEnv>()
    .openapi(history, async (c) => {
      const { id } = c.req.valid("param");
      const type = negotiate(c.req.header("accept"), OFFERS);
      if (type === null) {
        throw new ProblemError("not-acceptable", `This address offers ${OFFERS.join(" and ")}.`);
      }
      c.header("Vary", "Accept, Authorization");
      const { after, limit: size, cursor = 0 } = c.req.valid("query");
      const wanted = { after: Math.max(after, cursor), limit: size };
      if (type === "application/x-ndjson") {
        const { lines } = await readFor(
          c,
          engine,
          (reads) => reads.lines(c.var.caller, id, wanted),
          (found) => wanted.after === 0 || found.lines.length > 0,
        );
        return c.body(lines.map((line) => `${line}\n`).join(""), 200, { "Content-Type": type });
      }
      // Whoever names a revision has seen it: what ends before it is too old for this caller.
      const page = await readFor(
        c,
        engine,
        (reads) => reads.history(c.var.caller, id, wanted),
        ({ items }) => wanted.after === 0 || items.length > 0,
      );
      return c.json({ items: page.items, nextCursor: page.nextCursor });
    })
    .openapi(at, async (c) => {
      const { id } = c.req.valid("param");
      const point = pointIn(c.req.valid("query"));
      return answerOrder(c, await readFor(c, engine, (reads) => reads.at(c.var.caller, id, point)));
    })
    .openapi(verify, async (c) => {
      const { kind: _kind, ...found } = granted(
        await orders.verify(c.var.caller, c.req.valid("param").id),
      );
      return c.json(found);
    });
}

interface PointQuery {
  readonly revision?: number | undefined;
  readonly time?: string | undefined;
}
type Point = { readonly revision: number } | { readonly time: string };

function pointIn({ revision: number, time }: PointQuery): Point {
  if (number !== undefined && time === undefined) return { revision: number };
  if (number === undefined && time !== undefined) return { time };
  throw new ProblemError("request-invalid", "Give either `revision` or `time`.", {
    errors: [
      { parameter: "revision", message: "exactly one of revision and time is needed" },
      { parameter: "time", message: "exactly one of revision and time is needed" },
    ],
  });
}
