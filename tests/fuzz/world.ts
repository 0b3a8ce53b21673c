/** One server with a little of everything in it, and the judge of its answers: what must hold whatever it was sent. */

import { setTimeout as sleep } from "node:timers/promises";
import { createPlaces } from "../../src/http/places.ts";
import { isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import type { Contract } from "../support/openapi/contract.ts";
import type { OpenApiDocument } from "../support/openapi/document.ts";
import { operationsOf } from "../support/openapi/sample.ts";
import { tableChanges } from "../support/table-changes.ts";
import { embeddedServer } from "../http/server.ts";
import type { TestServer } from "../http/server.ts";
import { authorizationOf } from "./callers.ts";
import { furnished } from "./furnished.ts";
import { made } from "./make.ts";
import { createPool } from "./pool.ts";
import type { Drawn, Who } from "./requests.ts";

export interface World {
  readonly server: TestServer;
  /** Sends what was drawn. @returns what is wrong with how it was answered; none: nothing is */
  readonly send: (drawn: Drawn) => Promise<readonly string[]>;
  /** Empties the world, but for its definitions and a few orders. */
  readonly reset: () => Promise<void>;
  /** How many answers of each status there were, by operation. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** How a request gets its answer: in this process, or over a socket. */
export type Line = (url: string, init: RequestInit) => Promise<Response>;

const ANSWER_WITHIN_MS = 10_000;

export async function createWorld(
  document: OpenApiDocument,
  contract: Contract,
  through?: (server: TestServer) => Promise<Line>,
  server?: TestServer,
): Promise<World> {
  const places = createPlaces({ max: 1000 });
  const own = server ?? (await embeddedServer({ places }, undefined, { evidencePatienceMs: 0 }));
  // Without timers, jobs and deliveries of the server's own, what changes was changed by a request.
  await own.engine.stop();
  const line: Line =
    through === undefined ? async (url, init) => own.app.request(url, init) : await through(own);
  const answers = new Map<string, Map<number, number>>();
  const writing = operationsThatWrite(document);
  const first = await furnished(own);
  const changes = await tableChanges(own.database);
  let pool = createPool();
  const view = async (id: string, who: Who): Promise<JsonObject | null> => {
    const headers = { Authorization: (await authorizationOf(who)) ?? "" };
    const response = await line(`/v1/work-orders/${encodeURIComponent(id)}`, { headers });
    const order = dataIn(await response.text()) ?? null;
    return isJsonObject(order) ? order : null;
  };
  return {
    server: own,
    answers,
    reset: async () => {
      await first.restore();
      pool = createPool();
      for (const order of first.orders) pool.learn("/v1/work-orders", order);
      await changes.since();
    },
    send: async (drawn) => {
      const request = await made(drawn, { document, pool, view });
      const { url, init } = request;
      const method = init.method ?? "GET";
      const name = `${method} ${url} by ${drawn.who}`;
      const answer = await answered(() => line(url, init));
      if (answer.kind === "none") return [`${name}: ${answer.why}`];
      const { status, headers, body } = answer;
      count(answers, drawn.operationId, status);
      const wrong = status >= 500 && !isUnsigned(body ?? "") ? [`status ${status}: ${body}`] : [];
      const path = new URL(url, "http://x").pathname;
      wrong.push(...contract.violations({ method, path, status, headers, body }));
      const data = dataIn(body);
      if (status >= 400) wrong.push(...problemFaults(status, headers, data));
      else if (data !== undefined) pool.learn(drawn.path, data);
      const mayWrite = status < 400 && writing.has(drawn.operationId);
      const effect = await changes.since();
      if (effect !== null && !mayWrite) {
        wrong.push(`an effect of what was refused or read: ${effect}`);
      }
      return wrong.map((what) => `${name} -> ${status}: ${what}`);
    },
  };
}

/** Nobody signs the log of this world: what is asked to be proved of its orders waits for that. */
function isUnsigned(body: string): boolean {
  return body.includes('"code":"evidence-pending"');
}

/** Where a copy could take effect again, a key is taken; everything else only asks. */
function operationsThatWrite(document: OpenApiDocument): ReadonlySet<string> {
  const writing = operationsOf(document).filter(({ operation: { parameters = [] } }) =>
    parameters.some(({ name }) => name.toLowerCase() === "idempotency-key"),
  );
  return new Set(writing.map(({ operation }) => operation.operationId));
}

type Answered =
  | { readonly kind: "none"; readonly why: string }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Headers;
      /** Null: a stream, which is not looked at. */
      readonly body: string | null;
    };

/** The whole answer, its last byte too, has to come in time. */
async function answered(ask: () => Promise<Response>): Promise<Answered> {
  const timer = new AbortController();
  const late = sleep(ANSWER_WITHIN_MS, undefined, timer).then((): Answered => ({
    ...{ kind: "none", why: `no answer within ${ANSWER_WITHIN_MS} ms` },
  }));
  late.catch(() => {});
  try {
    return await Promise.race([late, heard(ask)]);
  } finally {
    timer.abort();
  }
}

async function heard(ask: () => Promise<Response>): Promise<Answered> {
  try {
    const response = await ask();
    const { status, headers } = response;
    const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (isStream) await response.body?.cancel();
    return { kind: "answer", status, headers, body: isStream ? null : await response.text() };
  } catch (error) {
    const why = error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error);
    return { kind: "none", why: `no answer: ${why}` };
  }
}

function count(
  answers: Map<string, Map<number, number>>,
  operationId: string,
  status: number,
): void {
  const ofOperation = answers.get(operationId) ?? new Map<number, number>();
  ofOperation.set(status, (ofOperation.get(status) ?? 0) + 1);
  answers.set(operationId, ofOperation);
}

function problemFaults(
  status: number,
  headers: Headers,
  data: Json | undefined,
): readonly string[] {
  if (headers.get("content-type") !== "application/problem+json") return ["no problem document"];
  if (!isJsonObject(data ?? null) || !isJsonObject(data)) return ["no problem document"];
  return data["status"] === status ? [] : [`the problem says ${JSON.stringify(data["status"])}`];
}

function dataIn(body: string | null): Json | undefined {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}
