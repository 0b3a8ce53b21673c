/** A change as a task of the group writer: it decides when its order's turn has come, and says what a batch can write of it. */

import { MIGRATED } from "../../audit/migrated-places.ts";
import type { ChangeOptions, Decide, Ports } from "../store.ts";
import type { Plan, Task } from "./lanes.ts";
import { isPlain, type PlannedWrite } from "./planned-write.ts";

export interface AskedChange<T> {
  readonly orderId: string;
  readonly decide: Decide<T>;
  readonly options: ChangeOptions<T>;
  readonly resolve: (result: T) => void;
  readonly reject: (error: unknown) => void;
  /** The same in a transaction of its own. */
  readonly alone: () => Promise<T>;
}

export function changeTask<T>(
  { clock, rebuild }: Ports,
  { orderId, decide, options: { idempotency }, resolve, reject, alone }: AskedChange<T>,
): Task {
  const key = idempotency?.key ?? null;
  let last: { readonly result: T } | null = null;
  return {
    ...{ orderId, key },
    plan: (current, checkpoint, now): Plan => {
      const decision = decide(current, Math.max(now, current?.at ?? now));
      last = decision;
      if (decision.kind === "leave") {
        return { kind: "leave", isProvisional: decision.isProvisional === true };
      }
      if (decision.kind !== "write") return { kind: "alone" };
      const { write } = decision;
      // A lease is held against the database's clock; where another one is given, a transaction asks that.
      const isForBatch = write.lease === undefined || clock === undefined;
      if (!isForBatch || !isPlain(current, write)) return { kind: "alone" };
      const keep = rebuild === undefined ? "in the row" : keptAt(write, checkpoint);
      return { kind: "write", planned: { orderId, current, write, now, key, keep } };
    },
    done: () => {
      if (last === null) reject(new Error(`nothing was decided on order ${orderId}`));
      else resolve(last.result);
    },
    settle: (settled) => {
      if (idempotency === undefined) reject(new Error("a key was settled that nobody gave"));
      else resolve(idempotency.settled(settled));
    },
    failed: reject,
    alone: () => alone().then(resolve, reject),
  };
}

/** The snapshot is written at every so manieth of an order's entries, in a new version, and at its end. */
const CHECKPOINT_EVERY = 8;

function keptAt(
  { order, entry }: PlannedWrite["write"],
  checkpoint: number,
): "as checkpoint" | null {
  // From then on the order is rebuilt by servers that know one of its versions, or no migrations at all.
  const isMigrated = entry.type === MIGRATED;
  const isDue = order.status === "done" || entry.revision - checkpoint >= CHECKPOINT_EVERY;
  return isDue || isMigrated ? "as checkpoint" : null;
}
