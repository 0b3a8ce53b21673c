/**
 * Brings the checkpoints of orders up to date that were not moved for a while, or that make room for others: whoever reads
 * them next has nothing to replay. A checkpoint that could not be written costs such a replay, and nothing else.
 */

import { clearTimeout, setTimeout } from "node:timers";

import type { StoredOrder } from "../store.ts";
import type { HotOrders } from "./hot-orders.ts";

export interface Checkpoints {
  /** Something was written: it may be idle in a while. */
  readonly stir: () => void;
  readonly evicted: (order: StoredOrder) => void;
  readonly close: () => Promise<void>;
}

const IDLE_MS = 5_000;
const ROUND_MS = 1_000;
const ROUND_ORDERS = 256;
/** Beyond so many, those that made room go without. */
const MAX_EVICTED = 1_000;

export function createCheckpoints(
  hot: () => HotOrders,
  keep: (orders: readonly StoredOrder[]) => Promise<void>,
): Checkpoints {
  const evicted: StoredOrder[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let round = Promise.resolve();
  let isClosed = false;

  const write = async (idleMs: number): Promise<number> => {
    const made = evicted.splice(0, ROUND_ORDERS);
    const orders = [...made, ...hot().takeIdle(idleMs, ROUND_ORDERS - made.length)];
    if (orders.length > 0) await keep(orders);
    return orders.length;
  };

  const arm = (): void => {
    if (timer !== null || isClosed) return;
    timer = setTimeout(() => {
      timer = null;
      round = write(IDLE_MS).then(
        (count) => {
          if (count > 0 || hot().isAnyLagging()) arm();
        },
        () => {
          if (hot().isAnyLagging()) arm();
        },
      );
    }, ROUND_MS);
    timer.unref();
  };

  return {
    stir: arm,
    evicted: (order) => {
      if (evicted.length < MAX_EVICTED) evicted.push(order);
      arm();
    },
    close: async () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      await round;
      while ((await write(0).catch(() => 0)) > 0);
    },
  };
}
