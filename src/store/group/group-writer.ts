/**
 * Changes of many orders, committed together: what arrives while a write is under way goes with the next one, and nothing
 * waits for company. One order's changes come one after the other; one that meets trouble leaves its neighbours alone.
 */

import { setImmediate } from "node:timers";

import { StoreUnavailable } from "../errors.ts";
import type { EpochMs } from "../store.ts";
import type { HotOrders } from "./hot-orders.ts";
import { createLanes, type Lane, type Lanes, type Loaded, type Task } from "./lanes.ts";
import { bytesOf, writtenOrder, type PlannedWrite } from "./planned-write.ts";

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

interface Planned {
  readonly lane: Lane;
  readonly planned: PlannedWrite;
}

interface Writing extends WriterPorts {
  readonly lanes: Lanes;
}

export function createGroupWriter(ports: WriterPorts): GroupWriter {
  let flights = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    // After the events of this turn of the loop: requests that arrived together go together.
    setImmediate(() => {
      isScheduled = false;
      pump();
    });
  };

  const ownerOf = (orderId: string): string => ports.hot.peek(orderId)?.order.centre ?? "";
  const lanes = createLanes(MAX_WAITING, ownerOf, schedule);
  const writing = { ...ports, lanes };

  const fly = async (flight: Promise<void>): Promise<void> => {
    flights += 1;
    await flight;
    flights -= 1;
    schedule();
  };

  const pump = (): void => {
    while (flights < MAX_FLIGHTS) {
      const { unread, batch } = gathered(writing);
      if (unread.length > 0) void fly(read(writing, unread));
      if (batch.length > 0) void fly(commit(writing, batch));
      if (unread.length === 0 && batch.length === 0) return;
    }
  };

  return { submit: lanes.add, idle: lanes.empty };
}

/** Takes the lanes whose turn it is, and decides. */
function gathered(writing: Writing) {
  const at = writing.now();
  const unread: Lane[] = [];
  const batch: Planned[] = [];
  let bytes = 0;
  for (let taken = 0; taken < MAX_ORDERS && bytes < MAX_BYTES; taken += 1) {
    const lane = writing.lanes.take();
    if (lane === null) break;
    const known = lane.loaded ?? writing.hot.get(lane.orderId);
    if (at === null || known === null) unread.push(lane);
    else {
      const planned = consider(writing, lane, known, at);
      if (planned === "unread") unread.push(lane);
      else if (planned !== null) {
        batch.push({ lane, planned });
        bytes += bytesOf(planned);
      }
    }
  }
  return { unread, batch };
}

/** @returns null when the lane is in other hands; `unread`: a decision to leave takes the order as it is now */
function consider(
  writing: Writing,
  lane: Lane,
  { order, checkpoint }: Pick<Loaded, "order" | "checkpoint">,
  at: EpochMs,
): PlannedWrite | "unread" | null {
  const [task] = lane.tasks;
  try {
    const plan = task.plan(order, checkpoint, at);
    if (plan.kind === "write") return plan.planned;
    if (plan.kind === "alone") void alone(writing, lane);
    else if (lane.loaded === null) return "unread";
    else {
      task.done();
      writing.lanes.end(lane);
    }
  } catch (error) {
    fail(writing, lane, error);
  }
  return null;
}

async function read(writing: Writing, unread: readonly Lane[]): Promise<void> {
  try {
    const loaded = await writing.load(unread.map(({ tasks: [task] }) => task));
    for (const lane of unread) received(writing, lane, loaded.get(lane.orderId));
  } catch (error) {
    if (unread.length === 1 || error instanceof StoreUnavailable) {
      for (const lane of unread) fail(writing, lane, error);
      return;
    }
    await inHalves(unread, (half) => read(writing, half));
  }
}

function received(writing: Writing, lane: Lane, loaded: Loaded | undefined): void {
  const [task] = lane.tasks;
  if (loaded === undefined) fail(writing, lane, new Error(`order ${lane.orderId} was not loaded`));
  else if (loaded.settled !== null) {
    task.settle(loaded.settled);
    writing.lanes.end(lane);
  } else if (loaded.isOdd) void alone(writing, lane);
  else {
    lane.loaded = loaded;
    writing.lanes.putBack(lane);
  }
}

async function commit(writing: Writing, batch: readonly Planned[]): Promise<void> {
  const { hot, lanes } = writing;
  try {
    const written = await writing.write(batch.map(({ planned }) => planned));
    for (const { lane, planned } of batch) {
      if (written.has(lane.orderId)) {
        hot.set(afterWrite(hot, lane, planned));
        lane.tasks[0].done();
        lanes.end(lane);
      } else void alone(writing, lane);
    }
  } catch (error) {
    if (error instanceof StoreUnavailable) for (const { lane } of batch) fail(writing, lane, error);
    else if (batch.length === 1) for (const { lane } of batch) void alone(writing, lane);
    else await inHalves(batch, (half) => commit(writing, half));
  }
}

/** One of them spoils the statement for all: in halves, it is found by itself and the others go on. */
async function inHalves<Each>(
  all: readonly Each[],
  work: (half: readonly Each[]) => Promise<void>,
): Promise<void> {
  const middle = Math.ceil(all.length / 2);
  await work(all.slice(0, middle));
  await work(all.slice(middle));
}

function afterWrite(hot: HotOrders, { orderId, loaded }: Lane, planned: PlannedWrite) {
  const before = loaded ?? hot.peek(orderId);
  const order = writtenOrder(planned);
  return { order, checkpoint: planned.keep === null ? (before?.checkpoint ?? 0) : order.revision };
}

async function alone({ hot, lanes }: Writing, lane: Lane): Promise<void> {
  await lane.tasks[0].alone();
  hot.drop(lane.orderId);
  lanes.end(lane);
}

function fail({ hot, lanes }: Writing, lane: Lane, error: unknown): void {
  hot.drop(lane.orderId);
  lane.tasks[0].failed(error);
  lanes.end(lane);
}
