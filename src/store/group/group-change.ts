/**
 * `Store.change` on connections of its own: by group commit where the decision's effect is the order's alone, else in a
 * transaction that locks the order.
 */

import { performance } from "node:perf_hooks";

import { change } from "../change.ts";
import type { Context } from "../context.ts";
import { createDatabaseClock } from "../database-clock.ts";
import type { Database } from "../database.ts";
import type { ChangeOptions, Decide, Store } from "../store.ts";
import { idOf } from "../tables/idempotency.ts";
import { keepCheckpoints } from "../tables/snapshots.ts";
import { changeTask } from "./change-task.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { createFailedBatches } from "./failed-batches.ts";
import { createGroupWriter } from "./group-writer.ts";
import { createHotOrders, roomInHeap } from "./hot-orders.ts";
import { loadOrders } from "./load-orders.ts";
import type { PlannedWrite } from "./planned-write.ts";
import { createWriteBatch } from "./write-batch.ts";

export interface GroupChange {
  /** For all else that goes through the same connections: it gains from what is kept of orders. */
  readonly context: Context;
  readonly change: Store["change"];
  /** Ends what is under way, checkpoints included. */
  readonly close: () => Promise<void>;
}

export function createGroupChange(plain: Context, database: Database): GroupChange {
  const { ports } = plain;
  const { hot, checkpoints } = keptOrders(plain);
  const clock = createDatabaseClock(elapsed);
  const forget = (orderId?: string) => (orderId === undefined ? hot.clear() : hot.drop(orderId));
  const context: Context = {
    ...plain,
    ...{ onClock: clock.observe, onReached: clock.reached },
    hot: { snapshot: hot.snapshot, forget },
  };
  const writeBatch = createWriteBatch(database);
  const failed = createFailedBatches(ports.log, elapsed);
  const write = async (writes: readonly PlannedWrite[]): Promise<ReadonlySet<string>> => {
    const { ids, now } = await writeBatch(writes).catch((error: unknown) => {
      failed.tell(error, writes.length);
      throw error;
    });
    clock.observe(now);
    checkpoints.stir();
    return new Set(ids);
  };
  const writer = createGroupWriter({
    ...{ hot, now: ports.clock ?? clock.now, write },
    load: (tasks) => loadOrders(context, tasks),
  });
  const submit = <T>(orderId: string, decide: Decide<T>, options: ChangeOptions<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const alone = () => change(context, orderId, decide, options);
      writer.submit(changeTask(ports, { orderId, decide, options, resolve, reject, alone }));
    });
  /** With their requests' fingerprints. */
  const keysAtWork = new Map<string, string>();
  return {
    context,
    change: async (orderId, decide, options = {}) => {
      const { testClock, idempotency } = options;
      if (testClock !== undefined) return change(context, orderId, decide, options);
      if (idempotency === undefined) return submit(orderId, decide, options);
      const id = idOf(idempotency.key);
      const { fingerprint } = idempotency.key;
      const atWork = keysAtWork.get(id);
      if (atWork !== undefined) {
        return idempotency.settled({ kind: atWork === fingerprint ? "in-progress" : "reused" });
      }
      keysAtWork.set(id, fingerprint);
      try {
        return await submit(orderId, decide, options);
      } finally {
        keysAtWork.delete(id);
      }
    },
    close: async () => {
      await writer.idle();
      await checkpoints.close();
    },
  };
}

function keptOrders(plain: Context) {
  const checkpoints = createCheckpoints(
    () => hot,
    (orders) => keepCheckpoints(plain, orders),
  );
  const hot = createHotOrders({
    elapsed,
    onEvicted: checkpoints.evicted,
    roomBytes: roomInHeap(),
  });
  return { hot, checkpoints };
}

function elapsed(): number {
  return performance.now();
}
