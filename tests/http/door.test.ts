/** Who is turned away at the door hears what the application would have said, and costs no more than that. */

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenAPIHono } from "@hono/zod-openapi";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/http/app.ts";
import type { AppPorts, HttpEnv, Stage } from "../../src/http/context.ts";
import { createDoor, type DoorPorts } from "../../src/http/door.ts";
import { listen, type Listening } from "../../src/http/listen.ts";
import { createMetrics } from "../../src/http/metrics.ts";
import { createPlaces } from "../../src/http/places.ts";
import { tokenReader } from "../../src/http/token.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import { embeddedServer, key, type TestServer } from "./server.ts";

const silent = { warn: () => {} };
const ORDERS = "/v1/work-orders";

let server: TestServer;
let inside: Omit<AppPorts, "places">;

beforeAll(async () => {
  server = await embeddedServer();
  inside = {
    ...{ engine: server.engine, log: pino({ level: "silent" }), version: "0" },
    ...{ stage: () => "serving", readToken: tokenReader(key), clock: systemClock },
    stopping: new AbortController().signal,
  };
});
afterAll(() => server.close());

const open: Listening[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.drain(1_000);
});

function doorPorts(ports: Partial<DoorPorts> = {}): DoorPorts {
  const full = createPlaces({ max: 0 });
  return { places: full, stage: () => "serving", log: silent, clock: systemClock, ...ports };
}

/** A server with such a door; its application answers 299. */
async function behind(ports: Partial<DoorPorts> = {}): Promise<string> {
  const app = new OpenAPIHono<HttpEnv>();
  app.all("*", () => new Response("inside", { status: 299 }));
  const where = { port: 0, host: "127.0.0.1", door: createDoor(doorPorts(ports)) };
  const listening = await listen(app, where);
  open.push(listening);
  return listening.url;
}

type Asked = RequestInit & { readonly headers?: { readonly [name: string]: string } };

/** Of the connection, not of the answer; and the ids of requests, which are never the same. */
const OWN = new Set(["connection", "content-length", "date", "keep-alive", "x-request-id"]);

async function said(response: Response) {
  const headers = [...response.headers].filter(([name]) => !OWN.has(name));
  const { requestId, ...body } = await response.json();
  const id = response.headers.get("x-request-id");
  return {
    ...{ status: response.status, headers: Object.fromEntries(headers), body },
    idInBody: requestId === undefined ? "none" : requestId === id,
    hasId: id !== null,
  };
}

describe("the door of a full server", () => {
  test.each<[string, Partial<AppPorts>, Asked]>([
    ["a caller without wishes", {}, {}],
    ["a caller of another language", {}, { headers: { "Accept-Language": "zh-CN, en;q=0.5" } }],
    ["a request under a key", {}, { headers: { "Idempotency-Key": "k-1" }, body: "{}" }],
    ["a request with an id", {}, { headers: { "X-Request-Id": "mine-1" } }],
    ["a request with an id that could harm", {}, { headers: { "X-Request-Id": '"},{"' } }],
    ["a host that is always HTTPS", { edge: { hstsSeconds: 60 } }, {}],
    ["a host with friends", { edge: { corsOrigins: ["https://desk.example"] } }, {}],
  ])("says to %s just what the application would say", async (_who, ports, asked) => {
    const full = { ...ports, places: createPlaces({ max: 0 }) };
    const app = createApp({ ...inside, ...full });
    const request = { method: "POST", ...asked };
    const atTheDoor = await said(await fetch((await behind(full)) + ORDERS, request));
    expect(atTheDoor).toEqual(await said(await app.request(ORDERS, request)));
    expect(atTheDoor.status).toBe(503);
    expect(atTheDoor.headers["retry-after"]).toBe("1");
  });

  test.each<[string, Partial<DoorPorts>, string, Asked]>([
    ["where there is room", { places: createPlaces({ max: 9 }) }, ORDERS, {}],
    ["for what is asked about the server", {}, "/healthz", {}],
    ["while the server stops", { stage: (): Stage => "stopping" }, ORDERS, {}],
    ["for pages of other origins", {}, ORDERS, { headers: { Origin: "https://desk.example" } }],
    ["for long bodies", {}, ORDERS, { method: "POST", body: "x".repeat(65_537) }],
  ])("is open %s", async (_when, ports, path, asked) => {
    expect((await fetch((await behind(ports)) + path, asked)).status).toBe(299);
  });

  test("keeps the connection, whose next request is not mistaken for the body of the last", async () => {
    const { port } = new URL(await behind());
    const socket = connect(Number(port), "127.0.0.1");
    const heard = text(socket);
    const head = `POST ${ORDERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n`;
    socket.write(`${head}\r\n{"some":"ok"}${head}\r\n{"some"`);
    // The rest of the second body comes late, and the third request with it.
    await sleep(50);
    socket.write(`:"ok"}${head}Connection: close\r\n\r\n{"some":"ok"}`);
    const statuses = [...(await heard).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, each]) => each);
    expect(statuses).toEqual(["503", "503", "503"]);
  });

  test("tells the operator once a second of how many, and counts each", async () => {
    const lines: unknown[] = [];
    const log = { warn: (line: object) => void lines.push(line) };
    const metrics = createMetrics({
      ...{ backlog: () => Promise.reject(new Error("away")), connections: () => null },
      nowMs: () => 0,
    });
    let now = 5_000;
    const clock = { ...systemClock, now: () => now };
    const url = (await behind({ log, metrics, clock })) + ORDERS;
    const ask = async (id: string): Promise<void> => {
      await (await fetch(url, { headers: { "X-Request-Id": id } })).text();
    };
    for (const id of ["a", "b", "c"]) await ask(id);
    now += 1_000;
    for (const id of ["d", "e"]) await ask(id);
    expect(lines).toEqual([
      { requestId: "a", untold: 0 },
      { requestId: "d", untold: 2 },
    ]);
    const counted =
      'sevenstep_http_requests_total{method="GET",route="turned-away",status="503"} 5';
    expect((await metrics.read()).text).toContain(counted);
  });
});
