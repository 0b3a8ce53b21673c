/**
 * `Store.change` on connections of its own: by group commit where the decision's effect is the order's alone, else in a
 * transaction that locks the order.
 */

import { performance } from "node:perf_hooks";

import { change } from "../change.ts";
import type { Context } from "../context.ts";
import type { Settled } from "../contracts/idempotency.ts";
import { createDatabaseClock } from "../database-clock.ts";
import type { Database } from "../database.ts";
import type { ChangeOptions, Decide, Store } from "../store.ts";
import { idOf } from "../tables/idempotency.ts";
import { keepCheckpoints } from "../tables/snapshots.ts";
import { createCheckpoints } from "./checkpoints.ts";
import { createGroupWriter, type Plan, type Task } from "./group-writer.ts";
import { createHotOrders } from "./hot-orders.ts";
import { loadOrders } from "./load-orders.ts";
import { isPlain, type PlannedWrite } from "./planned-write.ts";
import { writeBatch } from "./write-batch.ts";

export interface GroupChange {
  /** For everything else that is read through the same connections: what is kept of orders serves it too. */
  readonly context: Context;
  readonly change: Store["change"];
  /** Ends what is under way, checkpoints included. */
  readonly close: () => Promise<void>;
}

/** An order's snapshot is written at every so manieth of its entries. */
const CHECKPOINT_EVERY = 8;

export function createGroupChange(plain: Context, database: Database): GroupChange {
  const { ports } = plain;
  const elapsed = (): number => performance.now();
  const clock = createDatabaseClock(elapsed);
  const checkpoints = createCheckpoints(
    () => hot,
    (orders) => keepCheckpoints(plain, orders),
  );
  const hot = createHotOrders(elapsed, checkpoints.evicted);
  const context: Context = {
    ...plain,
    onClock: clock.observe,
    hot: {
      snapshot: hot.snapshot,
      forget: (orderId) => (orderId === undefined ? hot.clear() : hot.drop(orderId)),
    },
  };
  const writer = createGroupWriter({
    hot,
    now: ports.clock ?? clock.now,
    load: (tasks) => loadOrders(context, tasks),
    write: async (writes) => {
      const { ids, now } = await writeBatch(database, writes);
      clock.observe(now);
      checkpoints.stir();
      return new Set(ids);
    },
  });
  const keysAtWork = new Set<string>();

  const throughWriter = <T>(
    orderId: string,
    decide: Decide<T>,
    options: ChangeOptions<T>,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      let last: { readonly result: T } | null = null;
      const { idempotency } = options;
      const task: Task = {
        orderId,
        key: idempotency?.key ?? null,
        plan: (current, checkpoint, now) => {
          const decision = decide(current, Math.max(now, current?.at ?? now));
          last = decision;
          if (decision.kind === "leave") return decision;
          if (decision.kind !== "write") return ALONE;
          const { write } = decision;
          // A lease is held against the database's clock; where another one is given, only a transaction knows it.
          const isForBatch = write.lease === undefined || ports.clock === undefined;
          if (!isForBatch || !isPlain(current, write)) return ALONE;
          const key = idempotency?.key ?? null;
          const planned = { orderId, current, write, now, key };
          return { kind: "write", planned: { ...planned, keep: keepOf(planned, checkpoint) } };
        },
        done: () => {
          if (last === null) reject(new Error(`nothing was decided on order ${orderId}`));
          else resolve(last.result);
        },
        settle: (settled) => settle(options, settled, resolve, reject),
        failed: reject,
        alone: () => change(context, orderId, decide, options).then(resolve, reject),
      };
      writer.submit(task);
    });

  const keepOf = (
    { write: { order, entry } }: Omit<PlannedWrite, "keep">,
    checkpoint: number,
  ): PlannedWrite["keep"] => {
    if (ports.rebuild === undefined) return "in the row";
    const isDue = order.status === "done" || entry.revision - checkpoint >= CHECKPOINT_EVERY;
    return isDue ? "as checkpoint" : null;
  };

  return {
    context,
    change: async (orderId, decide, options = {}) => {
      const { testClock, idempotency } = options;
      if (testClock !== undefined) return change(context, orderId, decide, options);
      if (idempotency === undefined) return throughWriter(orderId, decide, options);
      const id = idOf(idempotency.key);
      if (keysAtWork.has(id)) return idempotency.settled({ kind: "in-progress" });
      keysAtWork.add(id);
      try {
        return await throughWriter(orderId, decide, options);
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

const ALONE: Plan = { kind: "alone" };

function settle<T>(
  { idempotency }: ChangeOptions<T>,
  settled: Settled,
  resolve: (result: T) => void,
  reject: (error: unknown) => void,
): void {
  if (idempotency === undefined) reject(new Error("a key was settled that nobody gave"));
  else resolve(idempotency.settled(settled));
}
