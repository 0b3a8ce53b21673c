/** Opens streams of entries: checks the place that the reader names, and shares what streams have in common. */

import type { FeedEntry } from "../store/contracts/feed.ts";
import type { Store } from "../store/store.ts";
import { scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller } from "./engine.ts";
import { entryAnswer } from "./entry-answer.ts";
import { feedStream } from "./feed-stream.ts";
import type { FeedTail } from "./feed-tail.ts";
import type { Keyring } from "./keyring.ts";
import { orderStream } from "./order-stream.ts";
import type { Clock } from "./ports.ts";
import { orderNotFound, refused, type Refused } from "./refusal.ts";
import { createShortMemory } from "./short-memory.ts";
import type { StreamItem, Streams } from "./streams.ts";

export interface StreamPorts {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
  readonly tail: FeedTail;
  readonly clock: Clock;
}

/** What streams work with. */
export interface StreamWorkshop extends StreamPorts {
  /** Of an entry that is new: made once for all callers with the same roles. @throws {StoreUnavailable} */
  readonly sharedItem: (caller: Caller, entry: FeedEntry) => Promise<StreamItem>;
  /** @throws {StoreUnavailable} */
  readonly item: (caller: Caller, entry: FeedEntry) => Promise<StreamItem>;
  /** Whether the order has ended with this revision. @throws {StoreUnavailable} */
  readonly hasEnded: (id: string, revision: number) => Promise<boolean>;
}

export function createStreams(ports: StreamPorts): Streams {
  const { store, clock } = ports;
  const items = createShortMemory<StreamItem>(clock);
  const ends = createShortMemory<boolean>(clock);
  const workshop: StreamWorkshop = {
    ...ports,
    item: (caller, entry) => itemOf(ports, caller, entry),
    // Of a caller only the roles decide what an answer shows; that the entry is reached was decided before.
    sharedItem: (caller, entry) =>
      items.recall(`${entry.position} ${JSON.stringify(caller.roles)}`, () =>
        itemOf(ports, caller, entry),
      ),
    hasEnded: (id, revision) =>
      ends.recall(`${id} ${revision}`, () => hasEnded(store, id, revision)),
  };
  return {
    order: async (caller, id, after) => {
      const order = await store.orders.get(id, scopeOf(caller));
      if (order === null) return orderNotFound(id);
      if (after > order.revision) return ahead("order", order.revision, after);
      if (order.status === "done" && after === order.revision) return { kind: "ok", stream: null };
      return { kind: "ok", stream: orderStream(workshop, { caller, order, after }) };
    },
    all: async (caller, filter, after) => {
      const head = await store.feed.head();
      if (after !== null && after > head) return ahead("feed", head, after);
      // What can't be read is said before the stream begins, not by cutting it.
      if (after !== null && after < head) {
        await store.feed.read({ after, limit: 1, bytes: 1 }, scopeOf(caller), filter);
      }
      return { kind: "ok", stream: feedStream(workshop, { caller, filter, after: after ?? head }) };
    },
  };
}

async function itemOf(
  { store, library, keyring }: StreamPorts,
  caller: Caller,
  { position, orderId, process, entry: stored }: FeedEntry,
): Promise<StreamItem> {
  const entry = await entryAnswer({ store, library, keyring }, caller, orderId, stored);
  const { revision } = stored;
  return { place: position, order: orderId, process, revision, entry };
}

async function hasEnded(store: Store, id: string, revision: number): Promise<boolean> {
  const order = await store.orders.get(id, { centres: "*" });
  return order === null || (order.status === "done" && order.revision === revision);
}

/** To wait there would lose the entries in between: a place that nobody gave, or one of another database. */
function ahead(what: "order" | "feed", last: number, found: number): Refused {
  return refused(
    "position-unknown",
    `Expected a place from 0 to ${last}, the last entry of the ${what} now, found ${found}: begin again with a place that this stream gave, or with 0.`,
  );
}
