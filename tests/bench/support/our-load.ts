/** Load on the product itself, in process: senders that each have orders of their own, and one event under way. */

import { randomUUID } from "node:crypto";
import type { Engine } from "../../../src/runtime/engine.ts";
import { TECHNICIAN } from "./our-engine.ts";
import { createHistogram } from "./load/histogram.ts";

export interface InProcessLoad {
  readonly engine: Engine;
  readonly ids: readonly string[];
  readonly senders: number;
  readonly seconds: number;
}

export interface InProcessResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** CPU of this process per transition, microseconds. */
  readonly cpuUs: number;
}

/** As a caller over HTTP would: each event with an idempotency key of its own. @throws {Error} for a refusal */
export async function sendInProcess(load: InProcessLoad): Promise<InProcessResult> {
  const { engine, ids, senders, seconds } = load;
  const histogram = createHistogram();
  const run = randomUUID();
  const cpuBefore = process.cpuUsage();
  const from = performance.now();
  const end = from + seconds * 1_000;
  const sender = async (number: number): Promise<void> => {
    const own = ids.filter((_, place) => place % senders === number);
    for (let turn = 0; performance.now() < end; turn += 1) {
      const sentAt = performance.now();
      const idempotency = { key: `${run}-${number}-${turn}`, fingerprint: FINGERPRINT };
      const result = await engine.orders.send(TECHNICIAN, own[turn % own.length] ?? "", EVENT, {
        idempotency,
      });
      if (result.kind === "refused") throw new Error(result.detail);
      histogram.record(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, number) => sender(number)));
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: histogram.count() / ((performance.now() - from) / 1_000),
    ...{
      p50: histogram.quantile(0.5),
      p95: histogram.quantile(0.95),
      p99: histogram.quantile(0.99),
    },
    cpuUs: (user + system) / histogram.count(),
  };
}

/** One event to each order. @throws {Error} for a refusal */
export async function sendOnceEach(
  load: Pick<InProcessLoad, "engine" | "ids" | "senders">,
): Promise<void> {
  const { engine, ids, senders } = load;
  const run = randomUUID();
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let place = next++; place < ids.length; place = next++) {
      const idempotency = { key: `${run}-${place}`, fingerprint: FINGERPRINT };
      const result = await engine.orders.send(TECHNICIAN, ids[place] ?? "", EVENT, { idempotency });
      if (result.kind === "refused") throw new Error(result.detail);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
}

const EVENT = { type: "NEXT", payload: { amount: 12.5 } } as const;
/** Of what is asked: over HTTP it is the SHA-256 of the request. */
const FINGERPRINT = "5f".repeat(32);
