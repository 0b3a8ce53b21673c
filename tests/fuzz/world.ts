/** One server with a little of everything in it, and the judge of its answers: what must hold whatever it was sent. */

import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import { mintToken } from "../../src/http/token.ts";
import type { Contract } from "../support/openapi/contract.ts";
import type { OpenApiDocument } from "../support/openapi/document.ts";
import { sampleOf } from "../support/openapi/sample.ts";
import {
  asking,
  definitionFile,
  embeddedServer,
  key,
  PARCEL,
  publish,
  tokenFor,
} from "../http/server.ts";
import type { TestServer } from "../http/server.ts";
import { createPool, type Pool } from "./pool.ts";
import type { Drawn, Who } from "./requests.ts";
import { spoil } from "./spoil.ts";
import { POOLED } from "./values.ts";

export interface World {
  readonly server: TestServer;
  /** Sends what was drawn. @returns what is wrong with how it was answered; none: nothing is */
  readonly send: (drawn: Drawn) => Promise<readonly string[]>;
  /** Empties the world, but for its definitions and a few orders. */
  readonly reset: () => Promise<void>;
  /** Answers so far, by status. */
  readonly statuses: Map<number, number>;
}

/**
 * How a request gets its answer: in this process, or over a socket. Null: the connection was closed on a body that is
 * too large, which a server may do to be spared the rest (RFC 9110 section 15.5.14).
 */
export type Line = (url: string, init: RequestInit) => Promise<Response | null>;

const ANSWER_WITHIN_MS = 10_000;
const WRITTEN_ANYWAY = /^(idempotency|kysely)/;

export async function createWorld(
  document: OpenApiDocument,
  contract: Contract,
  through?: (server: TestServer) => Promise<Line>,
  server?: TestServer,
): Promise<World> {
  const own = server ?? (await embeddedServer({ maxConcurrent: 1000 }));
  // Without timers, jobs and deliveries of the server's own, what changes was changed by a request.
  await own.engine.stop();
  const line: Line =
    through === undefined ? async (url, init) => own.app.request(url, init) : await through(own);
  const statuses = new Map<number, number>();
  const tables = await tablesOf(own);
  let pool = createPool();
  const view = async (id: string, who: Who): Promise<JsonObject | null> => {
    const headers = { Authorization: (await authorizationOf(who)) ?? "" };
    const response = await line(`/v1/work-orders/${encodeURIComponent(id)}`, { headers });
    const order = dataIn((await response?.text()) ?? null) ?? null;
    return isJsonObject(order) ? order : null;
  };
  const changes = changesOf(own, tables);
  return {
    server: own,
    statuses,
    reset: async () => {
      await sql`truncate ${sql.join(tables.map((name) => sql.table(name)))}`.execute(
        own.database.db,
      );
      pool = createPool();
      await furnish(own, pool);
      await changes.since(true);
    },
    send: async (drawn) => {
      const request = await made(drawn, { document, pool, view });
      const response = await Promise.race([
        line(request.url, request.init),
        sleep(ANSWER_WITHIN_MS, "late" as const, { ref: false }),
      ]);
      const name = `${request.init.method} ${request.url}`;
      if (response === "late") return [`${name}: no answer within ${ANSWER_WITHIN_MS} ms`];
      if (response === null) {
        const effect = await changes.since(false);
        return effect === null ? [] : [`${name}: an effect of what was cut off: ${effect}`];
      }
      const { status, headers } = response;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
      const body = isStream ? null : await response.text();
      if (isStream) await response.body?.cancel();
      const { pathname } = new URL(request.url, "http://x");
      const exchange = {
        method: request.init.method ?? "GET",
        path: pathname,
        status,
        headers,
        body,
      };
      const wrong = status >= 500 ? [`status ${status}: ${body}`] : [];
      wrong.push(...contract.violations(exchange));
      const data = dataIn(body);
      if (status >= 400) wrong.push(...problemFaults(status, headers, data));
      else if (data !== undefined) pool.learn(drawn.path, data);
      const mayWrite = status < 400 && request.init.method !== "GET";
      const effect = await changes.since(mayWrite);
      if (effect !== null) wrong.push(`an effect of what was refused or read: ${effect}`);
      return wrong.map((what) => `${name} by ${drawn.who} -> ${status}: ${what}`);
    },
  };
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

interface Made {
  readonly url: string;
  readonly init: RequestInit;
}

interface Surroundings {
  readonly document: OpenApiDocument;
  readonly pool: Pool;
  readonly view: (orderId: string, who: Who) => Promise<JsonObject | null>;
}

async function made(drawn: Drawn, surroundings: Surroundings): Promise<Made> {
  const { pool } = surroundings;
  const { body, choice, path: template, method } = drawn;
  const filled = (name: string, text: string, at: number): string =>
    text === POOLED ? pool.pick(name, template, choice + at) : text;
  let place = 0;
  let path = template.replaceAll(/\{(\w+)\}/g, (_whole, name) => {
    const text = filled(name, drawn.variables[name] ?? POOLED, 0);
    return drawn.variables[name] === POOLED ? encodeURIComponent(text) : text;
  });
  const query = drawn.query
    .map(
      ([name, value]) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(filled(name, value, (place += 1)))}`,
    )
    .join("&");
  let who = drawn.who;
  let content: Uint8Array<ArrayBuffer> | null = null;
  let type = "";
  if (body?.kind === "bytes") ({ bytes: content, type } = body);
  if (body?.kind === "value") {
    ({ type } = body);
    content = spoil(filledIn(body.value, filled), body.spoilt, type);
  }
  if (body?.kind === "honest") {
    const step = await honestStep(drawn, surroundings);
    type = "application/json";
    content = spoil(step.body, "no", type);
    ({ path, who } = step);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(drawn.headers)) headers.set(name, latin1(value));
  if (content !== null && type !== "") headers.set("Content-Type", type);
  const authorization = await authorizationOf(who);
  if (authorization !== null) headers.set("Authorization", authorization);
  const isBodiless = method === "GET" || content === null;
  return {
    url: query === "" ? path : `${path}?${query}`,
    init: { method, headers, ...(isBodiless ? {} : { body: content }) },
  };
}

/** Headers are bytes; what is beyond them can't be sent at all. */
function latin1(value: string): string {
  return value.replaceAll(/[^\t\x20-\xff]/g, "?");
}

function filledIn(
  value: Json,
  filled: (name: string, text: string, at: number) => string,
  name = "",
): Json {
  if (typeof value === "string") return filled(name, value, name.length);
  if (isJsonArray(value)) return value.map((each) => filledIn(each, filled, name));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      // A claim may wait for jobs; a fuzzer has no patience.
      key === "waitSeconds" && typeof member === "number" && member > 0
        ? 0
        : filledIn(member, filled, key),
    ]),
  );
}

interface Step {
  readonly path: string;
  readonly body: JsonObject;
  readonly who: Who;
}

/** Looks at an order as somebody who may do something with it, and does what is offered. */
async function honestStep(drawn: Drawn, world: Surroundings): Promise<Step> {
  const { document, pool, view } = world;
  const { choice, path, operationId } = drawn;
  const [process, data] = FIRST_ORDERS[choice % FIRST_ORDERS.length] ?? ["none", {}];
  if (operationId === "createWorkOrder") return { path, body: { process, data }, who: "admin" };
  const id = pool.pick("id", path, choice);
  const roles = listOf(pool.order(id), "enabled", "blocked").flatMap(({ by }) =>
    isJsonArray(by ?? null) && Array.isArray(by) ? by.map(String) : [],
  );
  const who = WHO_OF[roles[choice % Math.max(1, roles.length)] ?? ""] ?? "admin";
  const enabled = listOf(await view(id, who), "enabled");
  const chosen = enabled[choice % Math.max(1, enabled.length)];
  const payload = chosen === undefined ? {} : sampleOf(document, chosen["payloadSchema"]);
  const body = { type: chosen?.["event"] ?? "NONE", payload: isJsonObject(payload) ? payload : {} };
  return { path: path.replace("{id}", id), body, who };
}

function listOf(order: JsonObject | null, ...names: readonly string[]): readonly JsonObject[] {
  return names.flatMap((name) => {
    const list = order?.[name] ?? null;
    return isJsonArray(list) ? list.filter((each) => isJsonObject(each)) : [];
  });
}

const WHO_OF: { readonly [role: string]: Who } = {
  ...{ sender: "sender", courier: "courier", receiver: "receiver", advisor: "advisor" },
  ...{ customer: "customer", technician: "technician", lead: "lead", manager: "manager" },
  runner: "runner",
};

const tokens = new Map<Who, Promise<string | null>>();

async function authorizationOf(who: Who): Promise<string | null> {
  const token = tokens.get(who) ?? tokenOf(who);
  tokens.set(who, token);
  const text = await token;
  return text === null ? null : `Bearer ${text}`;
}

async function tokenOf(who: Who): Promise<string | null> {
  const claims = { sub: who, roles: ["admin"], centres: "*" as const };
  const longAgo = { issuedAt: 1_000_000, expiresAt: 1_000_001 };
  const inTime = { issuedAt: Math.floor(Date.now() / 1000), expiresAt: 4_000_000_000 };
  switch (who) {
    case "none":
      return null;
    case "garbage":
      return "x.y.z";
    case "expired":
      return mintToken(key, claims, longAgo);
    case "foreign":
      return mintToken(new Uint8Array(32).fill(7), claims, inTime);
    case "altered": {
      const [head = "", payload = "", signature = ""] = (
        await mintToken(key, claims, inTime)
      ).split(".");
      const text = Buffer.from(payload, "base64url").toString("utf8").replace("altered", "someone");
      return `${head}.${Buffer.from(text).toString("base64url")}.${signature}`;
    }
    case "elsewhere":
      return tokenFor(["admin", "manager"], { sub: who, centres: ["elsewhere"] });
    default:
      return tokenFor(who, { sub: who });
  }
}

/** Definitions and orders to begin with; everything else comes of the requests. */
async function furnish(server: TestServer, pool: Pool): Promise<void> {
  const ask = asking(server);
  await publish(ask, PARCEL);
  await publish(ask, VISIT);
  await publish(ask, ERRAND);
  for (const [process, data] of FIRST_ORDERS) {
    const { body } = await ask("/v1/work-orders", { body: { process, businessKey: "K-1", data } });
    pool.learn("/v1/work-orders", body);
  }
}

const VISIT = await definitionFile("service-visit/1.0.0.yaml");

/** What the others lack: a job for a worker outside, a person's task, a timer that fails, and an item. */
const ERRAND = `
process: errand
version: 1.0.0
roles: [runner, manager]
data: { type: object, properties: { pages: { type: number, default: 1 } } }
events:
  GO: { by: [runner, manager] }
  BACK: { by: [runner, manager], payload: { type: object, properties: { pages: { type: number } } } }
  LEAVE: { by: [runner] }
machine:
  initial: ready
  states:
    ready:
      meta: { step: ready, element: userTask, role: runner }
      tags: [waiting]
      on: { GO: fetching, LEAVE: left }
    fetching:
      invoke: { src: fetch, input: { pages: '= pages' }, onDone: shown }
      on: { BACK: { target: ready, actions: [{ type: assign, params: { pages: '= event.pages' } }] } }
    shown:
      on: { GO: fetching }
      after: { PT1H: { target: left, actions: [{ type: assign, params: { pages: '= 1 / 0' } }] } }
    left: { type: final }
`;

const VISIT_DATA = {
  customer: { name: "Ann", phone: "13800000001", language: "en" },
  vehicle: { plate: "A-1", vin: "LSVAA4182E2184847", model: "Compact 1.5" },
};

const FIRST_ORDERS: readonly (readonly [string, JsonObject])[] = [
  ["parcel", { to: "Ann", weight: 2 }],
  ["parcel", { to: "Bo" }],
  ["service-visit", VISIT_DATA],
  ["errand", {}],
];

async function tablesOf({ database }: TestServer): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema() order by 1`.execute(
    database.db,
  );
  return rows.map(({ name }) => name).filter((name) => !name.startsWith("kysely"));
}

interface Changes {
  /** @returns what changed since the last look; null: nothing, or it was meant to */
  readonly since: (meant: boolean) => Promise<string | null>;
}

/** A transaction that writes takes a number, so where none was taken there is nothing to look for. */
function changesOf(server: TestServer, tables: readonly string[]): Changes {
  let number = "";
  let known = "";
  return {
    since: async (meant) => {
      const next = await nextTransaction(server);
      if (next === number) return null;
      const now = await fingerprint(server, tables);
      const changed = meant || now === known ? null : diff(known, now);
      known = now;
      number = next;
      return changed;
    },
  };
}

async function nextTransaction({ database }: TestServer): Promise<string> {
  const { rows } = await sql<{ readonly next: string }>`
    select pg_snapshot_xmax(pg_current_snapshot())::text as next`.execute(database.db);
  return rows[0]?.next ?? "";
}

/** One line per table: how many rows, and a sum over all their contents. */
async function fingerprint({ database }: TestServer, tables: readonly string[]): Promise<string> {
  const looks = tables
    .filter((name) => !WRITTEN_ANYWAY.test(name))
    .map((name) => {
      const row = name === "api_keys" ? sql`t.id::text` : sql`t::text`;
      return sql`select ${sql.lit(name)} || ' ' || count(*) || ' ' || coalesce(sum(hashtext(${row})::bigint), 0) as line from ${sql.table(name)} t`;
    });
  const { rows } = await sql<{
    readonly line: string;
  }>`${sql.join(looks, sql` union all `)}`.execute(database.db);
  return rows.map(({ line }) => line).join("\n");
}

function diff(before: string, after: string): string {
  const lines = new Set(before.split("\n"));
  return after
    .split("\n")
    .filter((line) => !lines.has(line))
    .join(", ");
}

function dataIn(body: string | null): Json | undefined {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}
