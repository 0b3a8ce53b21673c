/** `/v1/events:batch`: many events for many orders in one request, each line whole by itself. */

import { createHash } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { BatchLine, LineResult, MoveResult, OrderResult } from "../../runtime/engine.ts";
import { EngineRefused, problemIn } from "../answer-error.ts";
import { changesSomething } from "../authenticate.ts";
import { safeJson } from "../body.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exact } from "../exact.ts";
import { idempotencyHeaders, idempotent, MAX_KEY_LENGTH } from "../idempotency.ts";
import { entityTag, ifMatch } from "../if-match.ts";
import { meeting } from "../order-write.ts";
import { APPLIED, APPLIED_HEADER, PREFER_HEADER, prefersMinimal } from "../prefer.ts";
import { PROBLEMS, problem } from "../problem.ts";
import { BODY_PROBLEMS, jsonAnswer, responses, REPLAYED_HEADER } from "../responses.ts";
import { noParameters, orderId } from "../schemas/common.ts";
import { problemSchema } from "../schemas/problem.ts";
import { eventRequest, workOrder } from "../schemas/work-order.ts";
import { speaking, spokenOrder } from "../spoken.ts";
import { pointed } from "./work-order-events.ts";

const MAX_LINES = 1_000;

const line = z
  .strictObject({
    id: orderId,
    ...eventRequest.shape,
    idempotencyKey: z
      .string()
      .max(MAX_KEY_LENGTH)
      .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters")
      .optional()
      .openapi({
        description:
          "Names this line. Absent: `<Idempotency-Key of the request>/<place of the line, from 0>`",
      }),
    ifMatch: z
      .string()
      .refine((text) => ifMatch(text).kind !== "malformed", 'must be `*` or tags such as `"7"`')
      .optional()
      .openapi({
        description: "As the header `If-Match` of a single event",
        example: '"7"',
      }),
  })
  .openapi("BatchLine");

const lines = z.array(line).min(1).max(MAX_LINES);

const answerLine = z
  .object({
    status: z.int().openapi({ description: "As of a single request with this event alone" }),
    order: workOrder.optional().openapi({ description: "Of a granted line" }),
    etag: z.string().optional().openapi({ description: "Of a granted line", example: '"8"' }),
    problem: problemSchema.optional().openapi({ description: "Of a refused line" }),
    replayed: z
      .boolean()
      .openapi({ description: "Answered before, under the same idempotency key" }),
  })
  .openapi("BatchAnswerLine");

const send = createRoute({
  operationId: "sendEvents",
  method: "post",
  path: "/v1/events:batch",
  tags: ["Work orders"],
  summary: `Send up to ${MAX_LINES} events to work orders`,
  description:
    "The lines come as `events`, or as a bare list. Each is accepted or refused by itself, as if it came alone; lines of " +
    "one order are taken in their order, also when one before was refused. The request is refused as a whole only when " +
    "its body does not fit, and then nothing is done. It is answered 200 whatever becomes of its lines: it was carried " +
    "out, and each line says how (207 is WebDAV's, with a body of its own). With `Prefer: return=minimal` (RFC 7240) the " +
    "orders are left out.",
  middleware: [changesSomething, safeJson],
  request: {
    query: noParameters,
    headers: idempotencyHeaders.extend({
      prefer: PREFER_HEADER,
    }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.union([z.strictObject({ events: lines }).openapi("SendEvents"), lines]),
        },
      },
    },
  },
  responses: responses(
    {
      200: jsonAnswer(
        "An answer for each line, in their order",
        z.object({ items: z.array(answerLine) }),
        { ...APPLIED_HEADER, ...REPLAYED_HEADER },
      ),
    },
    BODY_PROBLEMS,
    // What else a key may be refused for concerns a line.
    ["request-invalid", "role-not-allowed", "header-invalid"],
  ),
});

export function eventBatchRoutes({ engine: { orders }, log }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>().openapi(send, async (c) => {
    const { idempotency } = await idempotent(c);
    const body = c.req.valid("json");
    const sent = Array.isArray(body) ? body : body.events;
    const events = sent.map((each, index) => batchLine(exact(each), index, idempotency?.key));
    const { caller } = c.var;
    const isMinimal = prefersMinimal(c);
    const results = await (isMinimal
      ? orders.moveAll(caller, events)
      : orders.sendAll(caller, events));
    const items = results.map((result) => answerOf(c, log, result));
    if (isMinimal) for (const [name, value] of Object.entries(APPLIED)) c.header(name, value);
    if (items.every(({ replayed }) => replayed)) c.header("Idempotency-Replayed", "true");
    return c.json({ items });
  });
}

type Line = z.infer<typeof line>;

function batchLine(
  { id, type, payload, idempotencyKey, ifMatch: condition }: Line,
  index: number,
  requestKey: string | undefined,
): BatchLine {
  const event = { type, payload };
  const key = idempotencyKey ?? (requestKey === undefined ? undefined : `${requestKey}/${index}`);
  const idempotency =
    key === undefined ? {} : { idempotency: { key, fingerprint: print(id, event) } };
  return { id, event, options: { ...meeting(condition), ...idempotency } };
}

/** A line's own: the same line may come again in another batch, in another place. */
function print(id: string, event: BatchLine["event"]): string {
  const text = `POST /v1/events:batch\n${JSON.stringify([id, event.type, event.payload])}`;
  return createHash("sha256").update(text).digest("hex");
}

type Result = LineResult<OrderResult | MoveResult>;

function answerOf(c: Context<HttpEnv>, log: AppPorts["log"], result: Result) {
  if (result.kind === "ok") {
    const { replayed = false } = result;
    if (!("order" in result)) return { status: 200, etag: entityTag(result.revision), replayed };
    const { order } = result;
    const etag = entityTag(order.revision);
    return { status: 200, order: spokenOrder(order, speaking(c)), etag, replayed };
  }
  const thrown = result.kind === "failed" ? result.error : new EngineRefused(pointed(result));
  const { code, detail, more } = problemIn(thrown, c, log);
  const { status } = PROBLEMS[code];
  const replayed = result.kind === "refused" && result.replayed === true;
  return { status, problem: problem(code, detail, speaking(c), more), replayed };
}
