/** Every chart again by way of the database: each event finds the order evicted, and is taken by the other of two servers. */

import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { createEngine } from "../../src/runtime/create-engine.ts";
import type { Caller, Engine } from "../../src/runtime/engine.ts";
import { createOutlet } from "../../src/runtime/webhook-outlet.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import type { OrderResult } from "../../src/runtime/engine.ts";
import type { WorkOrder } from "../../src/runtime/work-order.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { conformanceCharts, type ConformanceChart } from "./charts.ts";
import { leaves } from "./engine.ts";
import { tracedDefinition } from "./trace.ts";

const CALLER: Caller = { sub: "p-1", roles: ["admin"], centres: null };
const REFUSALS: ReadonlySet<string> = new Set([
  "event-not-enabled",
  "event-unknown",
  "order-closed",
]);
const log = pino({ level: "silent" });

const keystore = memoryKeystore();

function serverOn(store: Store): Engine {
  return createEngine({
    ...{ store, clock: systemClock, random: randomBytes, log },
    secret: new Uint8Array(32),
    keystore,
    outlet: createOutlet({ allowed: [] }),
  });
}

describeOnDatabases("charts by way of the database", (open) => {
  test.each([...conformanceCharts()])("%s", async (topic, charts) => {
    const store = await open({ rebuild: createRebuild() });
    const servers = [serverOn(store), serverOn(store)] as const;
    for (const [index, chart] of charts.entries()) {
      await expectAsWritten(store, servers, `conformance-${index}`, chart, topic);
    }
  });
});

async function expectAsWritten(
  store: Store,
  [one, other]: readonly [Engine, Engine],
  process: string,
  chart: ConformanceChart,
  topic: string,
): Promise<void> {
  const text = JSON.stringify({ ...tracedDefinition(chart.machine, []), process });
  const published = await one.definitions.publish(CALLER, { text, format: "json" });
  expect(published.kind, `${topic}: ${chart.id}`).toBe("ok");
  let order = granted(await one.orders.create(CALLER, { process }));
  expect(leaves(order.state, ""), chart.id).toEqual(chart.start.state);
  for (const [turn, { send, state, done, refused, trace }] of chart.steps.entries()) {
    // Every third time there is no snapshot either: the history alone restores the order.
    if (turn % 3 === 2) await store.orders.forgetSnapshots(order.id);
    const server = turn % 2 === 0 ? other : one;
    const before = order;
    const result = await server.orders.send(CALLER, order.id, { type: send, payload: {} });
    const where = `${topic}: ${chart.id} after ${send}`;
    expect(isRefused(result), where).toBe(refused);
    order = result.kind === "ok" ? result.order : before;
    expect(leaves(order.state, ""), where).toEqual(state);
    expect(order.status, where).toBe(done ? "done" : "active");
    if (trace !== undefined) expect(traceSince(before, order), where).toBe(trace);
  }
  expect(await one.orders.verify(CALLER, order.id), chart.id).toMatchObject({ verified: true });
}

function granted(result: OrderResult): WorkOrder {
  if (result.kind === "ok") return result.order;
  throw new Error(`${result.code}: ${result.detail}`);
}

function isRefused(result: OrderResult): boolean {
  if (result.kind === "ok") return false;
  if (REFUSALS.has(result.code)) return true;
  throw new Error(`${result.code}: ${result.detail}`);
}

function traceSince(before: WorkOrder, after: WorkOrder): string {
  return traceOf(after).slice(traceOf(before).length).trim();
}

function traceOf({ data }: WorkOrder): string {
  const { trace } = data;
  return typeof trace === "string" ? trace : "";
}
