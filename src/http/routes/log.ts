/**
 * `/v1/audit/checkpoints` and what belongs to them. They tell strangers how much happens here, of all centres, so whoever is
 * no auditor gets them with a bundle, by a webhook or from the operator's file.
 */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { formatInstant } from "../../../machines/time/instant.ts";
import { toBase64 } from "../../audit/log/base64.ts";
import { checkpointIn } from "../../audit/log/grow.ts";
import type { StoredCheckpoint } from "../../store/contracts/merkle-log.ts";
import { anyRoleOf } from "../authenticate.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { ProblemError } from "../problem.ts";
import { jsonAnswer, responses } from "../responses.ts";
import { limit, noParameters, pageOf } from "../schemas/common.ts";
import { checkpoint, consistency, logKeys } from "../schemas/log.ts";

const auditorsOnly = anyRoleOf("admin", "auditor");
const tags = ["Audit"];

const size = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "expected a number of entries")
  .transform(Number)
  .openapi({ type: "integer", minimum: 1, example: 4711 });

const list = createRoute({
  operationId: "listCheckpoints",
  method: "get",
  path: "/v1/audit/checkpoints",
  ...{ tags, summary: "List the log's checkpoints, newest first", middleware: [auditorsOnly] },
  description:
    "All of the last day are kept, and older ones one a minute. Every entry of every order is a leaf of one Merkle tree " +
    "(RFC 6962): the leaf at index n is the SHA-256 of the line at position n + 1. A checkpoint signs its root, every " +
    "second or 1,000 entries. `sevenstep.log.checkpoint` tells a webhook of each.",
  request: {
    query: z.strictObject({
      limit,
      cursor: size.optional().openapi({ description: "`nextCursor` of the page before: a size" }),
    }),
  },
  responses: responses(
    { 200: jsonAnswer("A page", pageOf(checkpoint)) },
    "request-invalid",
    "role-not-allowed",
  ),
});

const keys = createRoute({
  operationId: "listLogKeys",
  method: "get",
  path: "/v1/audit/log-keys",
  ...{ tags, summary: "List the keys that signed the log, oldest first" },
  description:
    "An auditor keeps the first one, or the one told when the audit began, outside of this server: the others follow from " +
    "it by their handovers.",
  middleware: [auditorsOnly],
  request: { query: noParameters },
  responses: responses(
    { 200: jsonAnswer("The keys", logKeys) },
    "request-invalid",
    "role-not-allowed",
  ),
});

const between = createRoute({
  operationId: "getLogConsistency",
  method: "get",
  path: "/v1/audit/log-consistency",
  ...{ tags, summary: "Prove that the log only grew between two checkpoints" },
  description: "Hold the path against the roots of the two, of which you kept one.",
  middleware: [auditorsOnly],
  request: { query: z.strictObject({ from: size, to: size }) },
  responses: responses({ 200: jsonAnswer("The proof", consistency) }, [
    "not-found",
    "request-invalid",
    "role-not-allowed",
  ]),
});

export function logRoutes({ engine: { log } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>()
    .openapi(list, async (c) => {
      const { limit: most, cursor: before } = c.req.valid("query");
      const found = await log.list({ limit: most, ...(before === undefined ? {} : { before }) });
      const next = found.length < most ? null : (found.at(-1)?.size ?? null);
      return c.json({
        items: found.map(answerOf),
        nextCursor: next === null || next === 1 ? null : String(next),
      });
    })
    .openapi(keys, async (c) => {
      const items = (await log.keys()).map(({ keyId, vkey, since, addedAt, vouched }) => ({
        ...{ keyId, key: vkey, since },
        ...{ addedAt: formatInstant(addedAt), handover: vouched },
      }));
      return c.json({ items });
    })
    .openapi(between, async (c) => {
      const { from, to } = c.req.valid("query");
      if (from > to) {
        const error = { parameter: "to", message: `expected a size from ${from} on` };
        throw new ProblemError("request-invalid", "A log only grows.", { errors: [error] });
      }
      const path = await log.consistency(from, to);
      if (path === null) throw new ProblemError("not-found", `The log has not ${to} entries yet.`);
      return c.json({ from, to, path: path.map(toBase64) });
    });
}

function answerOf({ note, keyId }: StoredCheckpoint) {
  const read = checkpointIn(note);
  if (read === null) throw new Error(`expected a checkpoint, found: ${note}`);
  const { origin, size: entries, root, time } = read;
  return { origin, size: entries, root: toBase64(root), time, keyId, note };
}
