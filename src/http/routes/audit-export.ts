/** `/v1/audit/export`: the histories of a period as one file, for process mining or for keeping. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { epochMs } from "../../../machines/time/instant.ts";
import {
  EXPORT_FORMATS,
  EXPORT_MEDIA_TYPES,
  type ExportFormat,
} from "../../audit/export/writer.ts";
import type { ExportRequest } from "../../runtime/export-text.ts";
import { anyRoleOf } from "../authenticate.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { exportBody } from "../export-answer.ts";
import { negotiate } from "../negotiate.ts";
import { ProblemError } from "../problem.ts";
import { responses } from "../responses.ts";
import { exact } from "../exact.ts";
import { instant, name, processName } from "../schemas/common.ts";
import { eventLog } from "../schemas/event-log.ts";
import { noLonger } from "../still-reads.ts";
import { createStreamPlaces, type StreamPlaces } from "../stream-places.ts";

/** Each reads whole histories as fast as its caller takes them: a few are enough work for one server. */
const LIMITS = { perServer: 4, perCaller: 4, stallMs: 60_000 };

const read = createRoute({
  operationId: "exportHistories",
  method: "get",
  path: "/v1/audit/export",
  tags: ["Audit"],
  summary: "Export the histories of all orders that began in a period",
  description:
    "`ocel2` is OCEL 2.0 JSON, `xes` is XES (IEEE 1849-2016), `ndjson` gives the stored lines, order by order. Orders of " +
    "the period come whole, also what happened after its end, so that consecutive periods add up to all and hold nothing " +
    "twice. Personal values are in none of them: what is sealed stays so. Events and traces name the line's SHA-256 as " +
    "`sevenstep.hash`. The answer is made while it is read; a connection that ends in the middle of it is a failure.",
  middleware: [anyRoleOf("admin", "auditor")],
  request: {
    query: z.strictObject({
      format: z.enum(EXPORT_FORMATS).default("ocel2"),
      from: instant.optional().openapi({ description: "orders created at this instant or later" }),
      to: instant.optional().openapi({ description: "and before this one" }),
      process: processName.optional(),
      centre: name.optional(),
    }),
  },
  responses: responses(
    {
      200: {
        description: "The histories, as long as there are any",
        content: {
          [EXPORT_MEDIA_TYPES.ocel2]: { schema: eventLog },
          [EXPORT_MEDIA_TYPES.xes]: { schema: { type: "string" } },
          [EXPORT_MEDIA_TYPES.ndjson]: { schema: { type: "string" } },
        },
        headers: {
          "Content-Disposition": {
            description: "A name for the file",
            schema: { type: "string" },
          },
        },
      },
    },
    "request-invalid",
    "role-not-allowed",
    "order-detached",
    "history-diverged",
  ),
});

export function auditExportRoutes(ports: AppPorts): Routes {
  const { clock, log, stopping, exportLimits: limits = LIMITS } = ports;
  const places = createStreamPlaces({ clock, log, stopping, limits });
  return new OpenAPIHono<HttpEnv>().openapi(read, async (c) => {
    const { format, from, to, ...filter } = c.req.valid("query");
    const type = EXPORT_MEDIA_TYPES[format];
    if (negotiate(c.req.header("accept"), [type]) === null) {
      throw new ProblemError("not-acceptable", `As \`${format}\` it is \`${type}\`.`);
    }
    const headers = {
      "Content-Type": type,
      "Content-Disposition": `attachment; filename="histories.${FILE_ENDINGS[format]}"`,
    };
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const request: ExportRequest = {
      ...{ format, ...exact(filter) },
      ...(from === undefined ? {} : { from: epochMs(from) }),
      ...(to === undefined ? {} : { to: epochMs(to) }),
    };
    return begun(c, ports, places, { request, headers });
  });
}

interface Wanted {
  readonly request: ExportRequest;
  readonly headers: { readonly [name: string]: string };
}

/** What can be refused before anything was sent is refused. */
async function begun(
  c: Context<HttpEnv>,
  ports: AppPorts,
  places: StreamPlaces,
  { request, headers }: Wanted,
): Promise<Response> {
  const { engine, log } = ports;
  const { outgoing } = c.env ?? {};
  const place = places.enter(c.var.caller.sub, () => outgoing?.destroy());
  try {
    const rest = engine.exportText(c.var.caller, request);
    const { value: first } = await rest.next();
    const refusal = () => noLonger(c, ports);
    c.set("isStream", true);
    return c.body(exportBody({ first: first ?? "", rest, place, refusal, log }), 200, headers);
  } catch (error) {
    place.leave();
    throw error;
  }
}

const FILE_ENDINGS = {
  ocel2: "jsonocel",
  xes: "xes",
  ndjson: "ndjson",
} as const satisfies Record<ExportFormat, string>;
