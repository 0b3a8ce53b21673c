/** One lane per order: its changes come one after the other, and lanes take turns by whose orders they are. */

import type { IdempotencyKey, Settled } from "../contracts/idempotency.ts";
import { StoreBusy } from "../errors.ts";
import type { EpochMs, StoredOrder } from "../store.ts";
import { createFairQueue } from "./fair-queue.ts";
import type { PlannedWrite } from "./planned-write.ts";
import { createShares } from "./shares.ts";

/** One change of one order, whatever its result is. Of its last four members exactly one is called. */
export interface Task {
  readonly orderId: string;
  readonly key: IdempotencyKey | null;
  /** Decides. @throws what the decision throws */
  readonly plan: (current: StoredOrder | null, checkpoint: number, now: EpochMs) => Plan;
  /** The last decision stands: it was written, or there was nothing to write. */
  readonly done: () => void;
  readonly settle: (settled: Settled) => void;
  readonly failed: (error: unknown) => void;
  /** Does it in a transaction of its own, and ends it. Never rejects. */
  readonly alone: () => Promise<void>;
}

export type Plan =
  | { readonly kind: "write"; readonly planned: PlannedWrite }
  /** `isProvisional`: whatever the order is by now. */
  | { readonly kind: "leave"; readonly isProvisional?: boolean }
  /** A batch can't write it. */
  | { readonly kind: "alone" };

/** An order as it was just read. */
export interface Loaded {
  /** Null: there is none. */
  readonly order: StoredOrder | null;
  /** Revision of its checkpoint; 0: it has none. */
  readonly checkpoint: number;
  /** What is known of the task's key: nothing is to be decided. */
  readonly settled: Settled | null;
  /** Only a transaction of its own can change it. */
  readonly isOdd: boolean;
}

/** As long as a lane has tasks, they are this server's only changes of the order. */
export interface Lane {
  readonly orderId: string;
  readonly tasks: readonly [Task, ...Task[]];
  /** Whose turns are its own, as far as is known. */
  owner: string;
  /** Read after the first task came. */
  loaded: Loaded | null;
}

/** A lane that was taken is the taker's until it ends, is put back or is to be read. */
export interface Queue {
  /** The next one that is to be worked on. */
  readonly take: () => Lane | null;
  readonly size: () => number;
}

export interface Lanes {
  /** @throws {StoreBusy} when too much waits already, nothing done */
  readonly add: (task: Task) => void;
  /** Whose orders are at hand, as far as is known. */
  readonly ready: Queue;
  /** Whose orders are to be read first. */
  readonly unread: Queue;
  readonly putBack: (lane: Lane) => void;
  readonly toRead: (lane: Lane) => void;
  /** Its first task has come to its end. */
  readonly end: (lane: Lane) => void;
  /** Resolves when none is left. */
  readonly empty: () => Promise<void>;
}

/**
 * @param ownerOf who takes turns with whom, as far as is known of an order; null: it is not at hand
 * @param onReady is called when one can be taken
 */
export function createLanes(
  capacity: number,
  ownerOf: (orderId: string) => string | null,
  onReady: () => void,
): Lanes {
  const lanes = new Map<string, OpenLane>();
  const ready = createFairQueue<Lane>();
  const unread = createFairQueue<Lane>();
  const shares = createShares(capacity);
  const waitingForEnd: (() => void)[] = [];

  const putBack = (lane: Lane): void => {
    const owner = lane.loaded?.order?.centre ?? lane.owner;
    if (owner !== lane.owner) {
      shares.take(lane.owner, -lane.tasks.length);
      shares.take(owner, lane.tasks.length);
      lane.owner = owner;
    }
    ready.add(owner, lane);
    onReady();
  };

  const toRead = (lane: Lane): void => {
    unread.add(lane.owner, lane);
    onReady();
  };

  const begin = (owner: string, tasks: [Task, ...Task[]]): void => {
    const [{ orderId }] = tasks;
    const lane = { orderId, tasks, owner, loaded: null };
    lanes.set(orderId, lane);
    if (ownerOf(orderId) === null) toRead(lane);
    else putBack(lane);
  };

  return {
    add: (task) => {
      const lane = lanes.get(task.orderId);
      const owner = lane?.owner ?? ownerOf(task.orderId) ?? NOBODY;
      if (!shares.hasRoom(owner)) throw busy();
      shares.take(owner, 1);
      if (lane === undefined) begin(owner, [task]);
      else lane.tasks.push(task);
    },
    ...{ ready, unread, putBack, toRead },
    end: ({ orderId, owner, tasks: [, next, ...others] }) => {
      shares.take(owner, -1);
      lanes.delete(orderId);
      if (next !== undefined) begin(owner, [next, ...others]);
      if (lanes.size === 0) for (const resolve of waitingForEnd.splice(0)) resolve();
    },
    empty: () =>
      lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => waitingForEnd.push(resolve)),
  };
}

/** Of orders that belong to no centre, or are not at hand. */
export const NOBODY = "";

interface OpenLane extends Lane {
  readonly tasks: [Task, ...Task[]];
}

function busy(): StoreBusy {
  return new StoreBusy("More changes wait than will be written soon: try again in a moment.");
}
