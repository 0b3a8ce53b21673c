/**
 * Turns away at the door, before anything is made of a request, whoever would find no place inside. A server that is asked
 * for more than it can do refuses most of the time: what refusing costs is taken from those who are let in.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Language } from "../runtime/languages.ts";
import { FULL } from "./admission.ts";
import { RETRY_AFTER_S } from "./answer-error.ts";
import type { AppPorts } from "./context.ts";
import { fixedHeaders } from "./fixed-headers.ts";
import { languageOf } from "./language.ts";
import { PROBLEMS, problem } from "./problem.ts";
import { requestIdFor } from "./request-id.ts";

/** @returns true: it is answered, just as the application would have; false: the application shall look at it */
export type Door = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface DoorPorts extends Pick<
  AppPorts,
  "places" | "stage" | "clock" | "metrics" | "edge"
> {
  readonly log: Pick<AppPorts["log"], "warn">;
}

/** So much of a body is taken in after the answer, to keep the connection; before a longer one the caller is stopped. */
const SHORT_BYTES = 65_536;

export function createDoor({ places, stage, log, clock, metrics, edge = {} }: DoorPorts): Door {
  const said = { en: refusalIn("en", edge), zh: refusalIn("zh", edge) };
  const tell = createTeller({ log, clock });

  return (request, response) => {
    const { url = "", method = "", headers } = request;
    if (stage() !== "serving" || !url.startsWith("/v1/")) return false;
    if (places.hasRoom(headers.authorization ?? "")) return false;
    // What a page of another origin may read, and when a long body is to end, the application knows.
    if (headers.origin !== undefined || !isShort(request)) return false;
    const requestId = requestIdFor(headers["x-request-id"]);
    const { head, body, keyedBody } = said[languageOf(headers["accept-language"])];
    // As with every problem: under an idempotency key, only the header tells requests apart.
    const text = headers["idempotency-key"] === undefined ? body(requestId) : keyedBody;
    const length = String(Buffer.byteLength(text));
    response.writeHead(STATUS, [...head, "X-Request-Id", requestId, "Content-Length", length]);
    response.end(text);
    metrics?.turnedAway(method);
    tell(requestId);
    return true;
  };
}

const { status: STATUS } = PROBLEMS.overloaded;

/** All of an answer that is the same each time. */
interface Refusal {
  /** Names and values by turns. */
  readonly head: readonly string[];
  readonly body: (requestId: string) => string;
  readonly keyedBody: string;
}

function refusalIn(language: Language, edge: NonNullable<AppPorts["edge"]>): Refusal {
  const fixed = fixedHeaders(edge);
  const headers = {
    ...fixed,
    ...((edge.corsOrigins ?? []).length > 0 ? { Vary: `${fixed["Vary"]}, Origin` } : {}),
    "Content-Language": language,
    "Content-Type": "application/problem+json",
    "Retry-After": RETRY_AFTER_S,
  };
  const keyedBody = JSON.stringify(problem("overloaded", FULL, language));
  const before = `${keyedBody.slice(0, -1)},"requestId":"`;
  return {
    head: Object.entries(headers).flat(),
    // An id has no character that JSON would write in another way.
    body: (requestId) => `${before}${requestId}"}`,
    keyedBody,
  };
}

/** Whether the rest of the request is not worth the connection's end. */
function isShort({ headers }: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": coding } = headers;
  return coding === undefined && Number(length) <= SHORT_BYTES;
}

const PAUSE_MS = 1_000;

/** A line a second, and not one for each: those who are let in pay for the others' lines. */
function createTeller({
  log,
  clock,
}: Pick<DoorPorts, "log" | "clock">): (requestId: string) => void {
  let toldAt = -Infinity;
  let untold = 0;
  return (requestId) => {
    const now = clock.now();
    // A clock that was put back makes nobody silent.
    if (now >= toldAt && now - toldAt < PAUSE_MS) {
      untold += 1;
      return;
    }
    log.warn({ requestId, untold }, "full: requests are turned away at the door");
    toldAt = now;
    untold = 0;
  };
}
