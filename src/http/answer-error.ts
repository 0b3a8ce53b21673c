/** Turns everything that is thrown on the way to an answer into one `application/problem+json` answer. */

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { JsonObject } from "../../machines/json.ts";
import { reaches } from "../runtime/caller.ts";
import { historyDiverged, type Refused } from "../runtime/refusal.ts";
import {
  ArchiveDetached,
  BadCursor,
  isLockedOut,
  OrderDamaged,
  StoreBusy,
  StoreUnavailable,
} from "../store/errors.ts";
import { answer, unsay } from "./answer.ts";
import type { AppPorts, HttpEnv } from "./context.ts";
import { PROBLEMS, problem, ProblemError } from "./problem.ts";
import type { Problem, ProblemCode } from "./problem.ts";
import { routeOf } from "./route-of.ts";
import { speaking, spokenRefusal } from "./spoken.ts";

export const RETRY_AFTER_S = "1";

/** The answer was given before, under the same idempotency key. */
export const REPLAYED = { "Idempotency-Replayed": "true" } as const;

/** The engine said no; what it said is put into the caller's language where it is answered. */
export class EngineRefused extends Error {
  override readonly name = "EngineRefused";
  readonly refused: Refused;
  constructor(refused: Refused) {
    super(refused.detail);
    this.refused = refused;
  }
}

/** @throws {EngineRefused} for a refusal, so that a route goes on with what was granted */
export function granted<Result extends { readonly kind: "ok" }>(result: Result | Refused): Result {
  if (result.kind === "ok") return result;
  throw new EngineRefused(result);
}

export function answerError(error: unknown, c: Context<HttpEnv>, log: AppPorts["log"]): Response {
  const { code, detail, more, headers } = problemIn(error, c, log);
  unsay(c, OF_WHAT_WAS_GRANTED);
  return problemResponse(c, code, detail, more, headers);
}

/** A handler sets them on its way to an answer that it then may not give. */
const OF_WHAT_WAS_GRANTED = [
  "Location",
  "ETag",
  "Age",
  "Preference-Applied",
  "Idempotency-Replayed",
];

export interface FoundProblem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly more?: JsonObject;
  readonly headers?: { readonly [name: string]: string };
}

/** A defect is logged with its cause and answered without it. */
export function problemIn(error: unknown, c: Context<HttpEnv>, log: AppPorts["log"]): FoundProblem {
  if (error instanceof EngineRefused) {
    const { replayed, ...refused } = error.refused;
    const { detail, more } = spokenRefusal(refused, speaking(c));
    return { code: refused.code, detail, more, headers: replayed === true ? REPLAYED : {} };
  }
  if (error instanceof ProblemError) {
    const { code, message, more, headers } = error;
    return { code, detail: message, more, headers };
  }
  if (error instanceof StoreUnavailable || isLockedOut(error)) {
    log.warn({ err: error, requestId: c.get("requestId") }, "the database can't be reached");
    return { code: "database-unavailable", detail: "Nothing is known to be lost; try again." };
  }
  if (error instanceof ArchiveDetached) {
    return reaches(c.get("caller"), error.centre)
      ? { code: "order-detached", detail: error.message }
      : { code: "not-found", detail: "Expected a work order, found none with this id." };
  }
  if (error instanceof OrderDamaged) return damageOf(error, c, log);
  if (error instanceof StoreBusy) return { code: "overloaded", detail: error.message };
  if (error instanceof BadCursor) {
    const message = "expected the nextCursor of a page before";
    const more = { errors: [{ parameter: "cursor", message }] };
    return { code: "request-invalid", detail: error.message, more };
  }
  if (wasCutShort(c)) {
    return { code: "request-too-slow", detail: "The body did not arrive as a whole." };
  }
  if (error instanceof HTTPException) return fromHono(error);
  log.error({ err: error, requestId: c.get("requestId"), route: routeOf(c) }, "defect");
  return { code: "internal-error", detail: `Report it with the id ${c.get("requestId")}.` };
}

function damageOf(error: OrderDamaged, c: Context<HttpEnv>, log: AppPorts["log"]): FoundProblem {
  const { id, centre, revision, field } = error;
  logDamage(error, c, log);
  return reaches(c.get("caller"), centre)
    ? { code: "history-diverged", detail: historyDiverged(id, revision, field).detail }
    : { code: "not-found", detail: "Expected a work order, found none with this id." };
}

function logDamage(error: OrderDamaged, c: Context<HttpEnv>, log: AppPorts["log"]): void {
  const { id: order, revision, field } = error;
  const requestId = c.get("requestId");
  log.error({ order, revision, field, requestId }, "the stored history of an order is damaged");
}

/** What a list says of the orders that it can't give: a problem document of each, with its id; nothing when there are none. */
export function damagedIn(
  { damaged }: { readonly damaged: readonly OrderDamaged[] },
  c: Context<HttpEnv>,
  log: AppPorts["log"],
): { readonly damaged?: readonly Problem[] } {
  if (damaged.length === 0) return {};
  const problems = damaged.map((error) => {
    const { id: order, revision, field } = error;
    logDamage(error, c, log);
    const { code, detail } = historyDiverged(order, revision, field);
    return problem(code, detail, speaking(c), { order, revision });
  });
  return { damaged: problems };
}

/** The caller went away in the middle of its body, or was too slow with it: no defect, and nobody reads the answer. */
function wasCutShort({ env }: Context<HttpEnv>): boolean {
  return env?.incoming?.destroyed === true && !env.incoming.complete;
}

export function problemResponse(
  c: Context<HttpEnv>,
  code: ProblemCode,
  detail: string,
  more: JsonObject = {},
  headers: { readonly [name: string]: string } = {},
): Response {
  const language = speaking(c);
  // Under an idempotency key the same answer is given again: there, only the header tells requests apart.
  const isKeyed = c.req.header("idempotency-key") !== undefined;
  const own = isKeyed ? more : { ...more, requestId: c.get("requestId") };
  const body = problem(code, detail, language, own);
  const { status, retryable } = PROBLEMS[code];
  return answer(c, JSON.stringify(body), status, {
    "Content-Type": "application/problem+json",
    ...(retryable ? { "Retry-After": RETRY_AFTER_S } : {}),
    ...headers,
  });
}

/** Hono's validators throw for a body that is no JSON and for a media type that a route does not declare. */
function fromHono(error: HTTPException): FoundProblem {
  return error.status === 415
    ? { code: "media-type-unsupported", detail: "Send the body as `application/json`." }
    : { code: "body-malformed", detail: "The body is not well-formed JSON (RFC 8259)." };
}
