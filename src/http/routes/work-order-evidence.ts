/** `/v1/work-orders/{id}/evidence`: a file that proves an order's history to whoever trusts neither the server nor us. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Disclosure } from "../../runtime/contracts/evidence.ts";
import { granted } from "../answer-error.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { negotiate } from "../negotiate.ts";
import { ProblemError } from "../problem.ts";
import { ORDER_NOT_GIVEN, responses } from "../responses.ts";
import { orderId } from "../schemas/common.ts";

const NDJSON = "application/x-ndjson";
const CHOICE = /^(?:[0-9a-f]{64}|\/.{1,500})$/su;
const MOST_CHOICES = 100;

const disclose = z
  .string()
  .transform((text): Disclosure => (text === "visible" || text === "none" ? text : text.split(",")))
  .refine(
    (choice) =>
      typeof choice === "string" ||
      (choice.length <= MOST_CHOICES && choice.every((each) => CHOICE.test(each))),
    "expected visible, none, or up to 100 JSON Pointers and commitments with commas between",
  )
  .default("visible")
  .openapi({
    type: "string",
    default: "visible",
    description:
      "which sealed values are opened in it: `visible`, all that the caller may see; `none`; or where they stand, as JSON " +
      "Pointers into entries' payloads (with all below) or commitments, commas between",
    example: "/data/vehicle/plate",
  });

const evidence = createRoute({
  operationId: "getEvidence",
  method: "get",
  path: "/v1/work-orders/{id}/evidence",
  tags: ["History"],
  summary: "Take a work order's evidence: a file that verifies offline",
  description:
    "All entries to the last one, verbatim; the definitions under which they happened; sealed values that are disclosed; the " +
    "proof that the last entry stands in the log, and the log's signed checkpoint. `sevenstep verify` verifies and replays " +
    "it with the log's public key (`GET /v1/audit/log-keys`), and so does the program of 80 lines in Python that is in it. It " +
    "waits up to five seconds for a checkpoint that covers the last entry.",
  request: {
    params: z.object({ id: orderId }),
    query: z.strictObject({ disclose }),
  },
  responses: responses(
    {
      200: {
        description: "The bundle, one JSON object in a line",
        content: { [NDJSON]: { schema: { type: "string" } } },
        headers: {
          "Content-Disposition": { description: "A name for the file", schema: { type: "string" } },
        },
      },
    },
    ORDER_NOT_GIVEN,
    "request-invalid",
    "role-not-allowed",
    "disclosure-unknown",
    "evidence-pending",
    "history-diverged",
  ),
});

/** Each holds a whole history in memory, and most wait for the log. */
const MOST_AT_ONCE = 64;

export function workOrderEvidenceRoutes({ engine }: AppPorts): Routes {
  let underWay = 0;
  return new OpenAPIHono<HttpEnv>().openapi(evidence, async (c) => {
    if (negotiate(c.req.header("accept"), [NDJSON]) === null) {
      throw new ProblemError("not-acceptable", `This address offers ${NDJSON}.`);
    }
    const { id } = c.req.valid("param");
    const choice = c.req.valid("query").disclose;
    if (underWay >= MOST_AT_ONCE) {
      throw new ProblemError("overloaded", "Too many bundles are being made on this server.");
    }
    // Who waits for the log does nothing meanwhile, and says nothing of how long others wait.
    c.get("place")?.leave(false);
    underWay += 1;
    try {
      const { text } = granted(await engine.evidence(c.var.caller, id, choice));
      return c.body(text, 200, {
        "Content-Type": NDJSON,
        "Content-Disposition": `attachment; filename="${id}.ndjson"`,
      });
    } finally {
      underWay -= 1;
    }
  });
}
