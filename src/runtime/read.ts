/** Reads orders: as they are, as they were, and what happened to them; what a caller does not reach looks absent. */

import type { Replayed } from "../audit/replay.ts";
import { epochMs } from "../../machines/time/instant.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import { scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller, ListResult, OrderFilter, OrderResult, Orders, Page } from "./engine.ts";
import { entryAnswer } from "./entry-answer.ts";
import { historyDiverged, orderNotFound, refused, type Refused } from "./refusal.ts";
import { replayStored } from "./replaying.ts";
import { sightOf } from "./sight.ts";
import { workOrder } from "./view.ts";
import type { HistoryEntry, WorkOrder } from "./work-order.ts";

export interface Reading {
  readonly store: Store;
  readonly library: Library;
}

export async function view(
  { store, library }: Reading,
  caller: Caller,
  id: string,
): Promise<OrderResult> {
  const stored = await store.orders.get(id, scopeOf(caller));
  if (stored === null) return orderNotFound(id);
  const sight = await sightOf(store, library, stored);
  return { kind: "ok", order: await workOrder(sight, caller, { store, orderId: id, fresh: [] }) };
}

/** Pages that hold no order with the tag are passed over, up to this many. */
const MAX_EMPTY_PAGES = 20;

/** With `tag`, a page may hold fewer orders than its limit although more follow. */
export async function list(
  { store, library }: Reading,
  caller: Caller,
  { tag, ...filter }: OrderFilter,
  { limit, cursor }: Page,
): Promise<ListResult<WorkOrder>> {
  let from = cursor;
  for (let pages = 1; ; pages += 1) {
    const wanted = { ...filter, limit, ...(from === undefined ? {} : { cursor: from }) };
    const page = await store.orders.list(wanted, scopeOf(caller));
    const answers = await Promise.all(
      page.items.map(async (stored: StoredOrder) => {
        const sight = await sightOf(store, library, stored);
        return workOrder(sight, caller, { store, orderId: stored.id, fresh: [] });
      }),
    );
    const items = answers.filter((order) => tag === undefined || order.tags.includes(tag));
    const { nextCursor } = page;
    if (items.length > 0 || nextCursor === null || pages === MAX_EMPTY_PAGES) {
      return { kind: "ok", items, nextCursor };
    }
    from = nextCursor;
  }
}

export async function history(
  { store, library }: Reading,
  caller: Caller,
  id: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ListResult<HistoryEntry> | Refused> {
  const scope = scopeOf(caller);
  const found = await store.orders.history(id, { after, limit: limit + 1 }, scope);
  if (found.length === 0 && (await store.orders.get(id, scope)) === null) return orderNotFound(id);
  const page = found.slice(0, limit);
  const answers = await Promise.all(
    page.map((stored) => entryAnswer({ store, library }, caller, id, stored)),
  );
  const items = answers.filter((answer) => answer !== null);
  const torn = page[answers.indexOf(null)];
  if (torn !== undefined) return historyDiverged(id, torn.revision, "line");
  const last = found.length > limit ? page.at(-1) : undefined;
  return { kind: "ok", items, nextCursor: last === undefined ? null : String(last.revision) };
}

/** The stored lines themselves, byte for byte: what the chain is made of. */
export async function lines(
  { store }: Reading,
  caller: Caller,
  id: string,
  page: { readonly after: number; readonly limit: number },
): Promise<{ readonly kind: "ok"; readonly lines: readonly string[] } | Refused> {
  const scope = scopeOf(caller);
  const found = await store.orders.history(id, page, scope);
  if (found.length === 0 && (await store.orders.get(id, scope)) === null) return orderNotFound(id);
  return { kind: "ok", lines: found.map(({ line }) => line) };
}

/** From history and definitions alone. */
export async function at(
  { store, library }: Reading,
  caller: Caller,
  id: string,
  when: Parameters<Orders["at"]>[2],
): Promise<OrderResult> {
  let first: Replayed | null = null;
  let last: Replayed | null = null;
  for await (const next of replayStored({ store, library }, id, scopeOf(caller))) {
    if (next.kind === "diverged") {
      return historyDiverged(id, next.revision, next.field);
    }
    if (isAfter(next, when)) {
      if (first === null) return tooEarly(next, when);
      break;
    }
    first ??= next;
    last = next;
    if ("revision" in when && next.entry.revision === when.revision) break;
  }
  if (first === null || last === null) return orderNotFound(id);
  if ("revision" in when && last.entry.revision !== when.revision) {
    const detail = `Expected a revision from 1 to ${last.entry.revision}, found ${when.revision}.`;
    return refused("not-found", detail);
  }
  const { order } = last;
  const executable = await library.load(order.digest);
  if (executable === null) throw new Error(`Expected the definition ${order.digest}, found none.`);
  const { testClock } = first.entry.payload;
  const sight = {
    ...{ executable, order, status: order.snapshot.status, now: order.at },
    createdAt: first.entry.at,
    testClock: typeof testClock === "string" ? testClock : null,
    failedJobs: new Set<string>(),
  };
  return { kind: "ok", order: await workOrder(sight, caller, { store, orderId: id, fresh: [] }) };
}

function tooEarly({ entry }: Replayed, when: Parameters<Orders["at"]>[2]): Refused {
  const detail =
    "revision" in when
      ? `Expected a revision from 1 on, found ${when.revision}.`
      : `Expected an instant from the order's start at ${entry.at} on, found ${when.time}.`;
  return refused("not-found", detail);
}

function isAfter({ entry }: Replayed, when: Parameters<Orders["at"]>[2]): boolean {
  return "revision" in when
    ? entry.revision > when.revision
    : epochMs(entry.at) > epochMs(when.time);
}
