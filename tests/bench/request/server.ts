/**
 * The process whose processor time is measured: the real application on a store in memory, the same with an engine that
 * has its answer ready, the same with no room for anybody, and a bare Hono handler that parses and answers the same bytes.
 */

import { createServer } from "node:http";
import { once } from "node:events";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { destination } from "pino";
import { createLog } from "../../../src/cli/log.ts";
import { createApp } from "../../../src/http/app.ts";
import type { AppPorts } from "../../../src/http/context.ts";
import { createDoor } from "../../../src/http/door.ts";
import { listen } from "../../../src/http/listen.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { createPlaces } from "../../../src/http/places.ts";
import { readerOf } from "../../../src/http/read-token.ts";
import { mintToken, tokenReader } from "../../../src/http/token.ts";
import { createEngine } from "../../../src/runtime/create-engine.ts";
import type { Engine } from "../../../src/runtime/engine.ts";
import { observedStore } from "../../../src/runtime/observed-store.ts";
import { untraced } from "../../../src/runtime/observing.ts";
import { systemClock, systemRandom } from "../../../src/runtime/platform.ts";
import { createOutlet } from "../../../src/runtime/webhook-outlet.ts";
import { openPgliteInMemory } from "../../../src/store/pglite.ts";
import type { Store } from "../../../src/store/store.ts";
import { storeOn } from "../../../src/store/store-on.ts";
import { pgliteTemplate } from "../../support/pglite-template.ts";
import { document } from "../step-definition.ts";
import { ADMIN, createOrders, TECHNICIAN } from "../support/our-engine.ts";
import { inMemory } from "./memory-store.ts";
import { profiled } from "./profile.ts";
import { memoryKeystore } from "../../support/memory-keystore.ts";

/** What the client needs to ask for the same thing everywhere. */
export interface Standing {
  readonly urls: { readonly [contestant: string]: string };
  readonly ids: readonly string[];
  readonly token: string;
}

export type Question = "standing" | "cpu" | "profile" | "profiled";

const ORDERS = 256;
const EVENT = { type: "NEXT", payload: { amount: 1.5 } };
const key = systemRandom(32);
const log = createLog("info", destination({ dest: "/dev/null", sync: true }));

const database = storeOn(await openPgliteInMemory(await pgliteTemplate()));
await database.migrate();
const { backlog, connections } = database;
const metrics = createMetrics({ backlog, connections, nowMs: () => performance.now() });
const store = observedStore(inMemory(database), metrics.observe, untraced);
const engine = engineOn(store);
const source = { text: JSON.stringify(document), format: "json" } as const;
const published = await engine.definitions.publish(ADMIN, source);
if (published.kind === "refused") throw new Error(published.detail);

const standing: Standing = {
  urls: {
    bare: await bareUrl(await someAnswer()),
    edge: await urlOf({ engine: await answering() }),
    full: await urlOf({ engine }),
    refusing: await urlOf({ engine, places: createPlaces({ max: 0 }) }),
  },
  ids: await createOrders(engine, ORDERS),
  token: await mintToken(
    key,
    { sub: TECHNICIAN.sub, roles: TECHNICIAN.roles, centres: "*" },
    { issuedAt: seconds(), expiresAt: seconds() + 86_400 },
  ),
};

let profile = profiled();
process.on("message", (question: Question) => void answer(question));
process.on("disconnect", () => process.exit(0));
process.send?.("ready");

async function answer(question: Question): Promise<void> {
  if (question === "standing") process.send?.(standing);
  else if (question === "cpu") process.send?.(process.cpuUsage());
  else if (question === "profile") {
    profile = profiled();
    await profile.start();
    process.send?.("profiling");
  } else process.send?.(await profile.stop());
}

function engineOn(on: Store): Engine {
  return createEngine({
    ...{ store: on, clock: systemClock, random: systemRandom, log },
    secret: key,
    keystore: memoryKeystore(),
    outlet: createOutlet({ allowed: [] }),
  });
}

/** One that has decided already. */
async function answering(): Promise<Engine> {
  const ready = await sent();
  return { ...engine, orders: { ...engine.orders, send: () => Promise.resolve(ready) } };
}

async function sent() {
  const [id = ""] = await createOrders(engine, 1);
  const result = await engine.orders.send(TECHNICIAN, id, EVENT);
  if (result.kind === "refused") throw new Error(result.detail);
  return result;
}

async function someAnswer(): Promise<string> {
  const { order } = await sent();
  return JSON.stringify(order);
}

async function urlOf(ports: Pick<AppPorts, "engine"> & Partial<AppPorts>): Promise<string> {
  const http = {
    ...{ log, metrics, clock: systemClock, version: "0.0.0" },
    readToken: readerOf({ own: tokenReader(key), keyHolder: engine.keyHolder }),
    stage: () => "serving" as const,
    stopping: new AbortController().signal,
    places: createPlaces({ max: 1_000 }),
    ...ports,
  };
  const where = { port: 0, host: "127.0.0.1", door: createDoor(http) };
  return (await listen(createApp(http), where)).url;
}

async function bareUrl(body: string): Promise<string> {
  const app = new Hono();
  app.post("/v1/work-orders/:id/events", async (c) => {
    await c.req.json();
    return c.body(body, 200, { "Content-Type": "application/json" });
  });
  const listener = getRequestListener(app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
