/** Gathers what an answer about an order depends on: from the store's row, or from a decision that was just taken. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Instant, Order } from "../../machines/order.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import { orderOf } from "./apply.ts";
import type { Library } from "./definitions.ts";
import type { Sight } from "./view.ts";

/** @param now absent: what the order's clock says */
export async function sightOf(
  store: Store,
  library: Library,
  stored: StoredOrder,
  now?: Instant,
): Promise<Sight> {
  const executable = library.peek(stored.digest) ?? (await library.load(stored.digest));
  if (executable === null) {
    throw new Error(`Expected the definition ${stored.digest} of order ${stored.id}, found none.`);
  }
  const order = orderOf(stored);
  return {
    ...{ executable, order, status: stored.status, testClock: stored.testClock },
    createdAt: await createdAtOf(store, stored),
    failedJobs: await failedJobs(store, stored, order),
    now: now ?? (await clockOf(store, stored)),
  };
}

/** Orders as they are now: the database's clock is read once for all of them. */
export async function sightsOf(
  store: Store,
  library: Library,
  orders: readonly StoredOrder[],
): Promise<readonly Sight[]> {
  if (orders.length === 0) return [];
  const now = await store.now();
  return Promise.all(
    orders.map((stored) =>
      stored.testClock === null
        ? sightOf(store, library, stored, formatInstant(Math.max(now, stored.at)))
        : sightOf(store, library, stored),
    ),
  );
}

/** The order after a decision on it that was not read back; whether the decision ended an incident only the store knows. */
export async function sightAfter(
  store: Store,
  executable: Executable,
  current: StoredOrder,
  order: Order,
): Promise<Sight> {
  const { status } = order.snapshot;
  const isPlain = current.testClock === null && current.status !== "incident";
  return {
    ...{ executable, order, testClock: current.testClock },
    status: status === "active" ? current.status : status,
    createdAt: isPlain ? formatInstant(current.createdAt) : await createdAtOf(store, current),
    failedJobs: isPlain ? NONE : await failedJobs(store, current, order),
    now: order.at,
  };
}

const NONE: ReadonlySet<string> = new Set();

/** By the order's own clock; the store stamps its rows by the database's. */
async function createdAtOf(store: Store, stored: StoredOrder): Promise<Instant> {
  if (stored.testClock === null) return formatInstant(stored.createdAt);
  const first = await store.orders.entryAt(stored.id, { revision: 1 }, { centres: "*" });
  return formatInstant(first?.at ?? stored.createdAt);
}

async function clockOf(store: Store, { testClock, at }: StoredOrder): Promise<Instant> {
  const clock = testClock === null ? null : await store.testClocks.get(testClock);
  return formatInstant(Math.max(clock === null ? await store.now() : clock.now, at));
}

async function failedJobs(
  store: Store,
  stored: StoredOrder,
  order: Order,
): Promise<ReadonlySet<string>> {
  if (stored.status !== "incident") return NONE;
  const jobs = await Promise.all(
    order.snapshot.jobs.map(({ id }) => store.jobs.get(stored.id, id)),
  );
  return new Set(jobs.flatMap((job) => (job?.state === "incident" ? [job.id] : [])));
}
