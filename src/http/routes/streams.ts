/** Entries as they come, as server-sent events: of one work order, and of all that a token may see. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Opened, StreamItem } from "../../runtime/streams.ts";
import { granted } from "../answer-error.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { EVENT_STREAM } from "../event-stream.ts";
import { exact } from "../exact.ts";
import { negotiate } from "../negotiate.ts";
import { ProblemError } from "../problem.ts";
import { ORDER_NOT_GIVEN, responses } from "../responses.ts";
import { name, orderId, processName } from "../schemas/common.ts";
import { noLonger } from "../still-reads.ts";
import { streamBody } from "../stream-answer.ts";
import { createStreamPlaces, type StreamPlaces } from "../stream-places.ts";

const PLACE = /^\d{1,15}$/;

const headers = z.object({
  "last-event-id": z.string().optional().openapi({
    description: "the `id` of the last event that was read; goes before `after`",
    example: "7",
  }),
});

const place = z
  .string()
  .regex(PLACE, "expected the `id` of an event, a number")
  .transform(Number)
  .openapi({ type: "integer", minimum: 0 });

const EVENTS =
  "Events: `entry`, its data as the history answers it; `unreadable` names an entry whose stored line was altered; " +
  "`closed` is the server's last, its data says the `reason` (`order-done`, `token-refused`, `authority-changed`, " +
  "`server-stopping`, `server-failed`). An `id` alone moves the place only. A comment comes every 15 seconds. " +
  "A reader that was cut comes again with `Last-Event-ID` and misses nothing.";

const STREAM_ANSWER = {
  description: "Entries, until one side ends it",
  content: { [EVENT_STREAM]: { schema: { type: "string" } } },
  headers: {
    "X-Accel-Buffering": {
      description: "Asks proxies to pass every event on at once",
      schema: { type: "string", const: "no" },
    },
  },
} as const;

const ofOrder = createRoute({
  operationId: "streamWorkOrder",
  method: "get",
  path: "/v1/work-orders/{id}/stream",
  tags: ["Streams"],
  summary: "Follow one work order: its entries, and each further one as it comes",
  description: `${EVENTS} \`id\` is the revision. After the last entry of an order that has ended the stream ends, too.`,
  request: {
    params: z.object({ id: orderId }),
    headers,
    query: z.strictObject({
      after: place.optional().openapi({ description: "only later revisions; absent: all" }),
    }),
  },
  responses: responses(
    {
      200: STREAM_ANSWER,
      204: {
        description: "The order has ended, and nothing follows that place: do not come again",
      },
    },
    [...ORDER_NOT_GIVEN, "request-invalid", "header-invalid", "position-unknown"],
  ),
});

const ofAll = createRoute({
  operationId: "streamEntries",
  method: "get",
  path: "/v1/stream",
  tags: ["Streams"],
  summary: "Follow all work orders that the token reaches",
  description: `${EVENTS} \`id\` is the entry's position in the feed, which grows, with steps over what the token does not reach. The data name the \`order\` and its \`process\`, too; each order's entries come in the order of its revisions.`,
  request: {
    headers,
    query: z.strictObject({
      after: place.optional().openapi({
        description: "only later positions; 0: everything; absent: from now on",
      }),
      process: processName.optional(),
      centre: name.optional(),
    }),
  },
  responses: responses({ 200: STREAM_ANSWER }, [
    "request-invalid",
    "header-invalid",
    "position-unknown",
    "order-detached",
  ]),
});

export function streamRoutes(ports: AppPorts): Routes {
  const { clock, log, stopping, streamLimits: limits } = ports;
  const { streams } = ports.engine;
  const places = createStreamPlaces({ clock, log, stopping, limits });
  return new OpenAPIHono<HttpEnv>()
    .openapi(ofOrder, async (c) => {
      const after = placeIn(c, c.req.valid("query").after) ?? 0;
      const opened = await streams.order(c.var.caller, c.req.valid("param").id, after);
      return answer(c, { ports, places, opened, dataOf: entryText });
    })
    .openapi(ofAll, async (c) => {
      const { after, ...filter } = exact(c.req.valid("query"));
      const opened = await streams.all(c.var.caller, filter, placeIn(c, after) ?? null);
      return answer(c, { ports, places, opened, dataOf: sharedText });
    });
}

/** Proxies that gather what they pass on would hold entries back. */
const HEADERS = { "Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no" };

interface Answering {
  readonly ports: AppPorts;
  readonly places: StreamPlaces;
  readonly opened: Opened;
  readonly dataOf: (item: StreamItem) => string;
}

function answer(c: Context<HttpEnv>, { ports, places, opened, dataOf }: Answering): Response {
  const { stream } = granted(opened);
  if (stream === null) return c.body(null, 204);
  try {
    if (c.req.method === "HEAD") {
      // Nobody would read the body, and nobody end it.
      stream.close();
      return c.body(null, 200, HEADERS);
    }
    const { outgoing } = c.env ?? {};
    const place = places.enter(c.var.caller.sub, () => outgoing?.destroy());
    const refusal = () => noLonger(c, ports);
    c.set("isStream", true);
    return c.body(streamBody({ stream, place, refusal, dataOf, log: ports.log }), 200, HEADERS);
  } catch (error) {
    stream.close();
    throw error;
  }
}

/** @throws {ProblemError} before anything is opened */
function placeIn(c: Context<HttpEnv>, after: number | undefined): number | undefined {
  if (negotiate(c.req.header("accept"), [EVENT_STREAM]) === null) {
    throw new ProblemError("not-acceptable", `This address answers in \`${EVENT_STREAM}\` only.`);
  }
  const lastRead = c.req.header("last-event-id");
  // The header is of the reader that comes again, the address is of the one that once came.
  if (lastRead === undefined || lastRead === "") return after;
  if (PLACE.test(lastRead)) return Number(lastRead);
  throw new ProblemError(
    "header-invalid",
    "`Last-Event-ID` holds the `id` of an event of this stream: a number.",
    { errors: [{ parameter: "Last-Event-ID", message: "expected the `id` of an event" }] },
  );
}

function entryText({ entry }: StreamItem): string {
  return JSON.stringify(entry);
}

const written = new WeakMap<StreamItem, string>();

/** Streams of callers with the same roles share their items: the text is made once. */
function sharedText(item: StreamItem): string {
  const known = written.get(item);
  if (known !== undefined) return known;
  const { order, process, entry } = item;
  const text = JSON.stringify({ order, process, ...entry });
  written.set(item, text);
  return text;
}
