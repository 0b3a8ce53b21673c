/**
 * Changes of many orders, committed together: what arrives while a write is under way goes with the next one, and nothing
 * waits for company. One order's changes come one after the other; one that meets trouble leaves its neighbours alone.
 */

import { setImmediate } from "node:timers";

import type { Settled } from "../contracts/idempotency.ts";
import { StoreUnavailable } from "../errors.ts";
import type { EpochMs } from "../store.ts";
import { fewAtOnce } from "./few-at-once.ts";
import { createFlights } from "./flights.ts";
import type { HotOrders } from "./hot-orders.ts";
import { createLanes, NOBODY, type Lane, type Lanes, type Loaded, type Task } from "./lanes.ts";
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

/** Orders and bytes per statement: beyond these, throughput no longer grows. */
const MAX_ORDERS = 128;
const MAX_BYTES = 2_000_000;
const NEARLY_FULL = 96;
/** Changes that may wait. */
const MAX_WAITING = 8_192;
/** Into so many parts goes what failed as a whole. */
const PARTS = 8;
/** Transactions of one change each under way at once: there are more connections, and others need some. */
const MAX_ALONE = 6;

interface Planned {
  readonly lane: Lane;
  readonly planned: PlannedWrite;
}

interface Writing extends WriterPorts {
  readonly lanes: Lanes;
  readonly inTurn: ReturnType<typeof fewAtOnce>;
}

export function createGroupWriter(ports: WriterPorts): GroupWriter {
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

  const ownerOf = (orderId: string): string | null => {
    const known = ports.hot.peek(orderId);
    return known === null ? null : (known.order.centre ?? NOBODY);
  };
  const lanes = createLanes(MAX_WAITING, ownerOf, schedule);
  const writing = { ...ports, lanes, inTurn: fewAtOnce(MAX_ALONE) };

  const writes = createFlights(NEARLY_FULL, schedule);
  const reads = createFlights(NEARLY_FULL, schedule);

  const pump = (): void => {
    while (writes.mayGo(lanes.ready.size())) {
      const batch = gathered(writing);
      if (batch.length > 0) void writes.fly(commit(writing, batch));
    }
    while (reads.mayGo(lanes.unread.size())) void reads.fly(read(writing, unreadOf(lanes)));
  };

  return { submit: lanes.add, idle: lanes.empty };
}

/** Takes the lanes whose turn it is, and decides. */
function gathered(writing: Writing): readonly Planned[] {
  const { lanes, hot } = writing;
  const at = writing.now();
  const batch: Planned[] = [];
  let bytes = 0;
  for (let taken = 0; taken < MAX_ORDERS && bytes < MAX_BYTES; taken += 1) {
    const lane = lanes.ready.take();
    if (lane === null) break;
    const known = lane.loaded ?? hot.get(lane.orderId);
    const planned = at === null || known === null ? "unread" : consider(writing, lane, known, at);
    if (planned === "unread") lanes.toRead(lane);
    else if (planned !== null) {
      batch.push({ lane, planned });
      bytes += bytesOf(planned);
    }
  }
  return batch;
}

function keepLoaded({ hot }: Writing, { order, checkpoint }: Loaded): void {
  if (order !== null) hot.set({ order, checkpoint });
}

function unreadOf({ unread }: Lanes): readonly Lane[] {
  const lanes: Lane[] = [];
  while (lanes.length < MAX_ORDERS) {
    const lane = unread.take();
    if (lane === null) break;
    lanes.push(lane);
  }
  return lanes;
}

/** @returns null when the lane is in other hands; `unread`: all but a write is decided on the order as it is now */
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
    if (plan.kind === "alone") alone(writing, lane);
    else if (lane.loaded === null && plan.isProvisional !== true) return "unread";
    else {
      // Who comes again in a moment finds the order at hand.
      if (plan.isProvisional === true && lane.loaded !== null) keepLoaded(writing, lane.loaded);
      task.done();
      writing.lanes.end(lane);
    }
  } catch (error) {
    if (lane.loaded === null) return "unread";
    fail(writing, lane, error);
  }
  return null;
}

async function read(writing: Writing, unread: readonly Lane[]): Promise<void> {
  let loaded: ReadonlyMap<string, Loaded>;
  try {
    loaded = await writing.load(unread.map(({ tasks: [task] }) => task));
  } catch (error) {
    if (unread.length > 1 && !(error instanceof StoreUnavailable)) {
      await inParts(unread, (part) => read(writing, part));
    } else for (const lane of unread) fail(writing, lane, error);
    return;
  }
  for (const lane of unread) received(writing, lane, loaded.get(lane.orderId));
}

function received(writing: Writing, lane: Lane, loaded: Loaded | undefined): void {
  if (loaded === undefined) fail(writing, lane, new Error(`order ${lane.orderId} was not loaded`));
  else if (loaded.settled !== null) settle(writing, lane, loaded.settled);
  else if (loaded.isOdd) alone(writing, lane);
  else {
    lane.loaded = loaded;
    writing.lanes.putBack(lane);
  }
}

function settle(writing: Writing, lane: Lane, settled: Settled): void {
  const [task] = lane.tasks;
  try {
    task.settle(settled);
  } catch (error) {
    task.failed(error);
  }
  writing.lanes.end(lane);
}

/** What is not known to have failed is never tried again: it may be written. */
async function commit(writing: Writing, batch: readonly Planned[]): Promise<void> {
  let written: ReadonlySet<string>;
  try {
    written = await writing.write(batch.map(({ planned }) => planned));
  } catch (error) {
    if (error instanceof StoreUnavailable) for (const { lane } of batch) fail(writing, lane, error);
    else if (batch.length === 1) for (const { lane } of batch) alone(writing, lane);
    else await inParts(batch, (part) => commit(writing, part));
    return;
  }
  for (const each of batch) {
    if (written.has(each.lane.orderId)) moved(writing, each);
    else notMoved(writing, each.lane);
  }
}

function moved({ hot, lanes }: Writing, { lane, planned }: Planned): void {
  hot.set(afterWrite(hot, lane, planned));
  lane.tasks[0].done();
  lanes.end(lane);
}

/** Decided on what is kept here, it may only be out of date: another server moved the order. */
function notMoved(writing: Writing, lane: Lane): void {
  if (lane.loaded !== null) alone(writing, lane);
  else {
    writing.hot.drop(lane.orderId);
    writing.lanes.toRead(lane);
  }
}

/**
 * One of them spoils the statement for all: it is found by itself and the others go on. In three rounds, and not in seven
 * as halves would take: each may wait for what somebody holds.
 */
async function inParts<Each>(
  all: readonly Each[],
  work: (part: readonly Each[]) => Promise<void>,
): Promise<void> {
  const size = Math.ceil(all.length / PARTS);
  for (let from = 0; from < all.length; from += size) await work(all.slice(from, from + size));
}

function afterWrite(hot: HotOrders, { orderId, loaded }: Lane, planned: PlannedWrite) {
  const before = loaded ?? hot.peek(orderId);
  const order = writtenOrder(planned);
  return { order, checkpoint: planned.keep === null ? (before?.checkpoint ?? 0) : order.revision };
}

function alone({ hot, lanes, inTurn }: Writing, lane: Lane): void {
  inTurn(lane.owner, async () => {
    await lane.tasks[0].alone();
    hot.drop(lane.orderId);
    lanes.end(lane);
  });
}

function fail({ hot, lanes }: Writing, lane: Lane, error: unknown): void {
  hot.drop(lane.orderId);
  lane.tasks[0].failed(error);
  lanes.end(lane);
}
