/**
 * Changes of many orders, committed together: what arrives while a write is under way goes with the next one, and nothing
 * waits for company. One order's changes come one after the other; one that meets trouble leaves its neighbours alone.
 */

import { setImmediate } from "node:timers";

import type { IdempotencyKey, Settled } from "../contracts/idempotency.ts";
import { StoreBusy, StoreUnavailable } from "../errors.ts";
import type { EpochMs, StoredOrder } from "../store.ts";
import { createFairQueue } from "./fair-queue.ts";
import type { HotOrders } from "./hot-orders.ts";
import { bytesOf, writtenOrder, type PlannedWrite } from "./planned-write.ts";

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
  | { readonly kind: "leave" }
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

export interface WriterPorts {
  readonly hot: HotOrders;
  /** Null: only reading the orders tells the time. */
  readonly now: () => EpochMs | null;
  readonly load: (
    tasks: readonly Pick<Task, "orderId" | "key">[],
  ) => Promise<ReadonlyMap<string, Loaded>>;
  /** @param writes at most one per order @returns ids of the orders moved; of the others nothing was written */
  readonly write: (writes: readonly PlannedWrite[]) => Promise<ReadonlySet<string>>;
}

export interface GroupWriter {
  /** @throws {StoreBusy} when too much waits already, nothing done */
  readonly submit: (task: Task) => void;
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>;
}

/** Orders and bytes per statement, and statements under way at once: beyond these, throughput no longer grows. */
const MAX_ORDERS = 128;
const MAX_BYTES = 2_000_000;
const MAX_FLIGHTS = 3;
/** Changes that may wait. */
const MAX_WAITING = 8_192;

/** One order's changes. As long as there are any, they are the only ones of this server. */
interface Lane {
  readonly orderId: string;
  readonly tasks: [Task, ...Task[]];
  /** Read after the first task came. */
  loaded: Loaded | null;
}

interface Planned {
  readonly lane: Lane;
  readonly planned: PlannedWrite;
}

export function createGroupWriter({ hot, now, load, write }: WriterPorts): GroupWriter {
  const lanes = new Map<string, Lane>();
  const ready = createFairQueue<Lane>(MAX_WAITING);
  const idlers: (() => void)[] = [];
  let waiting = 0;
  let flights = 0;
  let isScheduled = false;

  const ownerOf = (orderId: string): string => hot.peek(orderId)?.order.centre ?? "";

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    // After the events of this turn of the loop: requests that arrived together go together.
    setImmediate(() => {
      isScheduled = false;
      pump();
    });
  };

  const ended = (lane: Lane): void => {
    waiting -= 1;
    const [, next, ...others] = lane.tasks;
    lanes.delete(lane.orderId);
    if (next !== undefined) {
      const after: Lane = { orderId: lane.orderId, tasks: [next, ...others], loaded: null };
      lanes.set(lane.orderId, after);
      ready.putBack(ownerOf(lane.orderId), after);
      schedule();
    }
    if (lanes.size === 0) for (const idler of idlers.splice(0)) idler();
  };

  const alone = async (lane: Lane): Promise<void> => {
    hot.drop(lane.orderId);
    await lane.tasks[0].alone();
    hot.drop(lane.orderId);
    ended(lane);
  };

  const fail = (lane: Lane, error: unknown): void => {
    hot.drop(lane.orderId);
    lane.tasks[0].failed(error);
    ended(lane);
  };

  /** @returns what to write; null: the lane is in other hands */
  const consider = (lane: Lane, at: EpochMs, unread: Lane[]): Planned | null => {
    const [task] = lane.tasks;
    const known = lane.loaded ?? hot.get(lane.orderId);
    if (known === null) {
      unread.push(lane);
      return null;
    }
    try {
      const plan = task.plan(known.order, known.checkpoint, at);
      if (plan.kind === "write") return { lane, planned: plan.planned };
      if (plan.kind === "alone") void alone(lane);
      else if (lane.loaded === null) unread.push(lane);
      else {
        task.done();
        ended(lane);
      }
    } catch (error) {
      fail(lane, error);
    }
    return null;
  };

  const read = async (unread: readonly Lane[]): Promise<void> => {
    const heads = unread.map(({ tasks }) => tasks[0]);
    try {
      const loaded = await load(heads);
      for (const lane of unread) received(lane, loaded.get(lane.orderId));
    } catch (error) {
      for (const lane of unread) fail(lane, error);
    }
  };

  const received = (lane: Lane, loaded: Loaded | undefined): void => {
    if (loaded === undefined) throw new Error(`order ${lane.orderId} was not loaded`);
    if (loaded.settled !== null) {
      lane.tasks[0].settle(loaded.settled);
      ended(lane);
      return;
    }
    if (loaded.isOdd) {
      void alone(lane);
      return;
    }
    lane.loaded = loaded;
    ready.putBack(loaded.order?.centre ?? "", lane);
    schedule();
  };

  const commit = async (batch: readonly Planned[]): Promise<void> => {
    try {
      const written = await write(batch.map(({ planned }) => planned));
      for (const { lane, planned } of batch) {
        if (!written.has(lane.orderId)) {
          void alone(lane);
          continue;
        }
        hot.set(afterWrite(lane, planned));
        lane.tasks[0].done();
        ended(lane);
      }
    } catch (error) {
      if (error instanceof StoreUnavailable) for (const { lane } of batch) fail(lane, error);
      else if (batch.length === 1) for (const { lane } of batch) void alone(lane);
      else {
        // One of them can't be written: in halves, it is found by itself and the others go on.
        const half = Math.ceil(batch.length / 2);
        await commit(batch.slice(0, half));
        await commit(batch.slice(half));
      }
    }
  };

  const afterWrite = (lane: Lane, planned: PlannedWrite) => {
    const known = lane.loaded ?? hot.peek(lane.orderId);
    const order = writtenOrder(planned);
    return { order, checkpoint: planned.keep === null ? (known?.checkpoint ?? 0) : order.revision };
  };

  const fly = async (flight: Promise<void>): Promise<void> => {
    flights += 1;
    await flight;
    flights -= 1;
    schedule();
  };

  const pump = (): void => {
    while (flights < MAX_FLIGHTS) {
      const at = now();
      const unread: Lane[] = [];
      const batch: Planned[] = [];
      let bytes = 0;
      for (let taken = 0; taken < MAX_ORDERS && bytes < MAX_BYTES; taken += 1) {
        const lane = ready.take();
        if (lane === null) break;
        if (at === null) unread.push(lane);
        else {
          const planned = consider(lane, at, unread);
          if (planned === null) continue;
          batch.push(planned);
          bytes += bytesOf(planned.planned);
        }
      }
      if (unread.length > 0) void fly(read(unread));
      if (batch.length > 0) void fly(commit(batch));
      if (unread.length === 0 && batch.length === 0) return;
    }
  };

  return {
    submit: (task) => {
      const { orderId } = task;
      const isFull = waiting >= MAX_WAITING;
      const lane = lanes.get(orderId);
      if (lane !== undefined && !isFull) lane.tasks.push(task);
      else {
        const begun: Lane = { orderId, tasks: [task], loaded: null };
        if (isFull || !ready.add(ownerOf(orderId), begun)) throw busy();
        lanes.set(orderId, begun);
      }
      waiting += 1;
      schedule();
    },
    idle: () =>
      lanes.size === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve)),
  };
}

function busy(): StoreBusy {
  return new StoreBusy("More changes wait than will be written soon: try again in a moment.");
}
