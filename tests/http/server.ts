/** An application in this process, on an engine and a database of its own, and callers with tokens of its key. */

import { readFile } from "node:fs/promises";
import { pino } from "pino";
import type { Json } from "../../machines/json.ts";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { createApp } from "../../src/http/app.ts";
import type { AppPorts, Routes } from "../../src/http/context.ts";
import { createPlaces } from "../../src/http/places.ts";
import { readerOf } from "../../src/http/read-token.ts";
import { mintToken, tokenReader } from "../../src/http/token.ts";
import { createEngine } from "../../src/runtime/create-engine.ts";
import type { Engine } from "../../src/runtime/engine.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { Ports as EnginePorts } from "../../src/runtime/ports.ts";
import { createOutlet } from "../../src/runtime/webhook-outlet.ts";
import type { Database } from "../../src/store/database.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import type { Store } from "../../src/store/store.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { memoryLogKeeping } from "../support/memory-log-keeping.ts";
import { witnessed } from "../support/openapi/witness.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";

export const key = new Uint8Array(32).fill(42);

/** What the servers of a test share. */
const keystore = memoryKeystore();

export interface TestServer {
  readonly app: Routes;
  readonly engine: Engine;
  readonly store: Store;
  readonly database: Database;
  readonly close: () => Promise<void>;
}

/** What a test sends, and what it looks at. */
export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Null: none. */
  readonly token?: string | null;
  /** A string or bytes are sent as they are, everything else as its JSON. */
  readonly body?: Json | Uint8Array<ArrayBuffer>;
  readonly headers?: { readonly [name: string]: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as data of any shape, to be looked into; undefined when it is none. */
  readonly body: ReturnType<typeof JSON.parse>;
}

/** Tests listen here. */
const LOOPBACK = { kind: "host", host: "localhost" } as const;

const log = pino({ level: "silent" });

/** Puts something between the store and the engine. */
type Watch = (store: Store) => Store;

export async function serverOn(
  database: Database,
  ports: Partial<AppPorts> = {},
  watch: Watch = (store) => store,
  own: Partial<EnginePorts> = {},
): Promise<TestServer> {
  const store = watch(storeOn(database, { rebuild: createRebuild() }));
  await store.migrate();
  const engine = createEngine({
    ...{ store, clock: systemClock, random: systemRandom, log: ports.log ?? log },
    secret: key,
    keystore,
    logKeeping: memoryLogKeeping(),
    outlet: createOutlet({ allowed: [LOOPBACK] }),
    ...own,
  });
  const application = createApp({
    engine,
    log,
    readToken: readerOf({ own: tokenReader(key), keyHolder: engine.keyHolder }),
    version: "0.0.0",
    stage: () => "serving",
    clock: systemClock,
    stopping: new AbortController().signal,
    places: createPlaces({ max: 100 }),
    ...ports,
  });
  const app = witnessed(application);
  engine.start();
  const close = async (): Promise<void> => {
    await engine.stop();
    await store.close();
  };
  return { app, engine, store, database, close };
}

export async function embeddedServer(
  ports: Partial<AppPorts> = {},
  watch: Watch = (store) => store,
  own: Partial<EnginePorts> = {},
): Promise<TestServer> {
  return serverOn(await openPgliteInMemory(await pgliteTemplate()), ports, watch, own);
}

export function tokenFor(
  roles: string | readonly string[],
  claims: { readonly sub?: string; readonly centres?: "*" | readonly string[] } = {},
): Promise<string> {
  const all = [roles].flat();
  const issuedAt = Math.floor(Date.now() / 1000);
  return mintToken(
    key,
    { sub: claims.sub ?? `some-${all.join("-")}`, roles: all, centres: claims.centres ?? "*" },
    { issuedAt, expiresAt: issuedAt + 3600 },
  );
}

/** The admin asks, unless the token says otherwise. */
export function asking({ app }: Pick<TestServer, "app">) {
  return async (path: string, ask: Ask = {}): Promise<Answer> => {
    const { body } = ask;
    const raw = typeof body === "string" || body instanceof Uint8Array;
    const token = ask.token === undefined ? await tokenFor("admin") : ask.token;
    const response = await app.request(path, {
      method: ask.method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...ask.headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: dataIn(text) };
  };
}

export type Asking = ReturnType<typeof asking>;

function dataIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function publish(ask: Asking, text: string): Promise<void> {
  const answer = await ask("/v1/definitions", {
    body: new TextEncoder().encode(text),
    headers: { "Content-Type": "application/yaml" },
  });
  if (answer.status > 201) throw new Error(`not published: ${answer.text}`);
}

export function definitionFile(path: string): Promise<string> {
  return readFile(new URL(`../../definitions/${path}`, import.meta.url), "utf8");
}

/** Small, and with one of each: a guard, a payload, roles, personal data, an event that ends it. */
export const PARCEL = `
process: parcel
version: 1.0.0
title: { en: Parcel, zh: 包裹 }
roles: [sender, courier, receiver]
data:
  type: object
  required: [to]
  properties:
    to: { type: string, x-personal: true }
    weight: { type: number, minimum: 0 }
    attempts: { type: integer, default: 0 }
events:
  PICK_UP: { by: [courier] }
  DELIVER:
    title: { en: Deliver, zh: 送达 }
    by: [courier, receiver]
    payload: { type: object, required: [signature], properties: { signature: { type: string }, weight: { type: number } } }
  MISS: { by: [courier] }
machine:
  initial: waiting
  states:
    waiting: { on: { PICK_UP: underWay } }
    underWay:
      meta: { step: delivery }
      tags: [moving]
      on:
        DELIVER: { target: delivered, guard: '= event.signature != ""' }
        MISS: { guard: '= attempts < 2', actions: { type: assign, params: { attempts: '= attempts + 1' } } }
    delivered: { type: final }
`;
