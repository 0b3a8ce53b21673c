/** An engine on a test database, its callers, and a clock that tests move by hand. */

import { createRebuild } from "../../src/audit/rebuild.ts";
import { createEngine } from "../../src/runtime/create-engine.ts";
import type { Caller, Engine } from "../../src/runtime/engine.ts";
import { createKeyring } from "../../src/runtime/keyring.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { Log, Ports } from "../../src/runtime/ports.ts";
import type { Refused } from "../../src/runtime/refusal.ts";
import type { SealPorts } from "../../src/runtime/seals.ts";
import { createOutlet } from "../../src/runtime/webhook-outlet.ts";
import type { WorkOrder } from "../../src/runtime/work-order.ts";
import type { Store } from "../../src/store/store.ts";
import type { OpenStore } from "../support/databases.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { PARCEL } from "./parcel.ts";

export const CLERK: Caller = { sub: "ann", roles: ["clerk"], centres: null };
export const COURIER: Caller = { sub: "bo", roles: ["courier"], centres: null };
export const ADMIN: Caller = { sub: "root", roles: ["admin"], centres: null };
export const AUDITOR: Caller = { sub: "eve", roles: ["auditor"], centres: null };

export const START = "2026-11-22T08:00:00.000Z";
export const RECIPIENT = "Grace Hopper";

/** What the servers of a test share. */
const SECRET = new Uint8Array(32).fill(9);
const KEYSTORE = memoryKeystore();
/** For what works beside an engine. */
export const SEALS: SealPorts = {
  keyring: createKeyring(KEYSTORE, systemClock),
  random: systemRandom,
};

export interface Server {
  readonly engine: Engine;
  readonly store: Store;
  /** Level, fields and message of every line, in one text. */
  readonly logged: () => string;
}

/** The database's clock, in the tests' hands. */
export interface Hand {
  now: number;
}

export async function server(
  open: OpenStore,
  hand?: Hand,
  {
    clock: engineClock = systemClock,
    outlet = createOutlet({ allowed: [] }),
    ...more
  }: Partial<Pick<Ports, "clock" | "outlet" | "archive" | "logKeeping">> = {},
): Promise<Server> {
  const clock = hand === undefined ? {} : { clock: () => hand.now };
  const store = await open({ rebuild: createRebuild(), ...clock });
  const lines: string[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${JSON.stringify(fields, errorsAsText)} ${message}`);
  };
  const log: Log = { info: write("info"), warn: write("warn"), error: write("error") };
  const engine = createEngine({
    ...{ store, clock: engineClock, random: systemRandom, log },
    secret: SECRET,
    keystore: KEYSTORE,
    outlet,
    ...more,
  });
  return { engine, store, logged: () => lines.join("\n") };
}

export async function parcelServer(open: OpenStore, hand?: Hand): Promise<Server> {
  const opened = await server(open, hand);
  granted(await opened.engine.definitions.publish(ADMIN, { text: PARCEL, format: "yaml" }));
  return opened;
}

export async function createParcel(
  { engine }: Server,
  more: { readonly testClock?: string; readonly centre?: string } = {},
): Promise<WorkOrder> {
  const request = { process: "parcel", data: { recipient: RECIPIENT }, ...more };
  return granted(await engine.orders.create(CLERK, request)).order;
}

export async function sent(
  { engine }: Server,
  id: string,
  type: string,
  payload = {},
  caller = CLERK,
): Promise<WorkOrder> {
  return granted(await engine.orders.send(caller, id, { type, payload })).order;
}

export async function viewed({ engine }: Server, id: string, caller = CLERK): Promise<WorkOrder> {
  return granted(await engine.orders.view(caller, id)).order;
}

/** @throws {Error} for a refusal */
export function granted<Result extends { readonly kind: "ok" }>(result: Result | Refused): Result {
  if (result.kind === "ok") return result;
  throw new Error(`refused: ${result.code}: ${result.detail} ${JSON.stringify(result.errors)}`);
}

export function refusal(result: { readonly kind: "ok" } | Refused): Refused {
  if (result.kind === "refused") return result;
  throw new Error("expected a refusal, found an answer");
}

/** @throws {Error} when it does not come true in time */
export async function until(isTrue: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not true within ${withinMs} ms`);
    await systemClock.sleep(10, new AbortController().signal);
  }
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message}` : value;
}
