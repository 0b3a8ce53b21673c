/** Tags and open tasks of orders that an earlier release wrote, computed from their histories a few orders at a time. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { NewTask, Projection } from "../store/contracts/tasks.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import { orderOf } from "./apply.ts";
import type { Library } from "./definitions.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import { openPlaces, taskChanges, tasksAfter } from "./open-tasks.ts";
import type { Log } from "./ports.ts";
import { tagsOf } from "./position.ts";
import { replayStored } from "./replaying.ts";

export interface Projecting {
  readonly store: Store;
  readonly library: Library;
  readonly log: Log;
}

const ROUND_ORDERS = 100;
const CANT_CATCH_UP = "the tasks of an order could not be caught up";

/**
 * Rounds over all orders that are behind, by id, so that one that can't be caught up delays no other. Several servers
 * may do the same work; it is written once.
 */
export function createProjector(ports: Projecting): (signal: AbortSignal) => Promise<number> {
  const { store, log } = ports;
  let after = "";
  return async (signal) => {
    const { items, damaged, next } = await store.tasks.behind({ after, limit: ROUND_ORDERS });
    for (const err of damaged) log.error({ err, orderId: err.id }, CANT_CATCH_UP);
    for (const order of items) {
      if (signal.aborted) return 0;
      await catchUp(ports, order);
    }
    after = next ?? "";
    return after === "" ? MAX_PAUSE_MS : 0;
  };
}

async function catchUp({ store, library, log }: Projecting, stored: StoredOrder): Promise<void> {
  try {
    const projection = await projectionOf({ store, library }, stored);
    if (projection !== null) await store.tasks.project(projection);
  } catch (err) {
    if (err instanceof StoreUnavailable) throw err;
    log.error({ err, orderId: stored.id }, CANT_CATCH_UP);
  }
}

/** Null: the order has moved on meanwhile. */
export async function projectionOf(
  { store, library }: Pick<Projecting, "store" | "library">,
  stored: StoredOrder,
): Promise<Projection | null> {
  const { id: orderId, revision, digest } = stored;
  const executable = await library.load(digest);
  if (executable === null) throw new Error(`Expected the definition ${digest}, found none.`);
  const order = orderOf(stored);
  const { snapshot } = order;
  const tags = tagsOf(executable.order, snapshot.value);
  // What is open now is what the snapshot says; since when, only the history.
  if (openPlaces(executable, snapshot).length === 0) return { orderId, revision, tags, tasks: [] };
  const told = await toldTasks({ store, library }, orderId);
  if (told !== null && told.revision > revision) return null;
  const tasks =
    told?.revision === revision
      ? told.tasks
      : taskChanges(executable, null, { order, begun: [] }).opened;
  return { orderId, revision, tags, tasks };
}

/** Null: the history can't be believed; `verify` says where. */
async function toldTasks(
  { store, library }: Pick<Projecting, "store" | "library">,
  orderId: string,
): Promise<{ readonly revision: number; readonly tasks: readonly NewTask[] } | null> {
  let tasks: readonly NewTask[] = [];
  let last: Parameters<typeof taskChanges>[1] = null;
  let was: Executable | null = null;
  let revision = 0;
  for await (const next of replayStored({ store, library }, orderId, { centres: "*" })) {
    if (next.kind === "diverged") return null;
    const executable: Executable | null = await library.load(next.order.digest);
    if (executable === null) return null;
    const changes = taskChanges(executable, last, next.stepped, was ?? executable);
    tasks = tasksAfter(tasks, changes);
    was = executable;
    last = next.order.snapshot;
    revision = next.order.revision;
  }
  return { revision, tasks };
}
