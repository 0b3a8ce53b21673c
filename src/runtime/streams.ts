/**
 * Entries as they come, of one order or of all that a caller reaches: each exactly once and in order from the place that
 * the reader names. A stream holds nothing but that place: it reads on when its reader asks, so a slow one costs nothing.
 */

import type { FeedEntry, FeedFilter } from "../store/contracts/feed.ts";
import type { Store } from "../store/store.ts";
import { createRinger } from "./bell.ts";
import type { Bus } from "./bus.ts";
import { reaches, scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller } from "./engine.ts";
import { entryAnswer } from "./entry-answer.ts";
import type { FeedTail } from "./feed-tail.ts";
import { lookFor } from "./look-for.ts";
import type { Clock } from "./ports.ts";
import { orderNotFound, refused, type Refused } from "./refusal.ts";
import { createSharedAnswers, type SharedAnswers } from "./shared-answers.ts";
import type { HistoryEntry } from "./work-order.ts";

export interface StreamItem {
  /** Where a reader who has seen this goes on: of an order its revision, of all the entry's position in the feed. */
  readonly place: number;
  readonly order: string;
  readonly process: string;
  readonly revision: number;
  /** Null: what is stored is no entry any more; `verify` of the order says more. */
  readonly entry: HistoryEntry | null;
}

export interface StreamPage {
  readonly items: readonly StreamItem[];
  /** Where the stream is now. */
  readonly place: number;
  /** Nothing will follow. */
  readonly isOver: boolean;
}

export interface EntryStream {
  /** Where it begins: what is at or before this place is not given. */
  readonly place: number;
  /**
   * The next items as soon as there are any; none after that time or when the signal aborts. `place` goes forward also
   * over entries that the caller does not reach. A database that is away is waited for.
   */
  readonly next: (waitMs: number, signal: AbortSignal) => Promise<StreamPage>;
  /** Must be called in the end. */
  readonly close: () => void;
}

/** `stream` null: the order has ended, and nothing comes after this place. */
export type Opened = { readonly kind: "ok"; readonly stream: EntryStream | null } | Refused;

export interface Streams {
  /** From the entry after a revision on; over after the last entry of an order that has ended. */
  readonly order: (caller: Caller, id: string, after: number) => Promise<Opened>;
  /** From the entry after a position in the feed on; null: from now on. */
  readonly all: (caller: Caller, filter: FeedFilter, after: number | null) => Promise<Opened>;
}

export interface StreamPorts {
  readonly store: Store;
  readonly library: Library;
  readonly bus: Pick<Bus, "subscribe">;
  readonly tail: FeedTail;
  readonly clock: Clock;
}

const PAGE_ITEMS = 20;
/** Pages without anything for the caller that are passed over before the reader is told how far it is. */
const MAX_EMPTY_PAGES = 20;

export function createStreams(ports: StreamPorts): Streams {
  const answers = createSharedAnswers(ports);
  return {
    order: (caller, id, after) => openOrder(ports, caller, id, after),
    all: (caller, filter, after) => openAll(ports, answers, { caller, filter, after }),
  };
}

async function openOrder(
  { store, library, bus, tail, clock }: StreamPorts,
  caller: Caller,
  id: string,
  after: number,
): Promise<Opened> {
  const scope = scopeOf(caller);
  const order = await store.orders.get(id, scope);
  if (order === null) return orderNotFound(id);
  if (after > order.revision) return ahead("order", order.revision, after);
  if (order.status === "done" && after === order.revision) return { kind: "ok", stream: null };
  const { process } = order;
  let place = after;
  const { ring, wait } = createRinger(clock);
  // By the bus as soon as it was committed, by the feed if that was lost.
  const endings = [
    bus.subscribe(`order:${id}`, ring),
    tail.follow((entry) => {
      if (entry === null || (entry.orderId === id && entry.entry.revision > place)) ring();
    }),
  ];
  const look = async (): Promise<StreamPage | null> => {
    const page = await store.orders.history(id, { after: place, limit: PAGE_ITEMS }, scope);
    const items = await Promise.all(
      page.map(async (stored): Promise<StreamItem> => {
        const entry = await entryAnswer({ store, library }, caller, id, stored);
        const { revision } = stored;
        return { place: revision, order: id, process, revision, entry };
      }),
    );
    const last = page.at(-1);
    if (last !== undefined) {
      place = last.revision;
      return { items, place, isOver: false };
    }
    const now = await store.orders.get(id, scope);
    const isOver = now === null || (now.status === "done" && now.revision === place);
    return isOver ? { items: [], place, isOver } : null;
  };
  const stream: EntryStream = {
    place: after,
    next: async (waitMs, signal) =>
      (await lookFor(look, { clock, wait, waitMs, signal })) ?? { items: [], place, isOver: false },
    close: () => {
      for (const end of endings) end();
    },
  };
  return { kind: "ok", stream };
}

interface Wanted {
  readonly caller: Caller;
  readonly filter: FeedFilter;
  readonly after: number | null;
}

async function openAll(
  { store, tail, clock }: StreamPorts,
  answers: SharedAnswers,
  { caller, filter, after }: Wanted,
): Promise<Opened> {
  const head = await store.feed.head();
  if (after !== null && after > head) return ahead("feed", head, after);
  let place = after ?? head;
  const { ring, wait } = createRinger(clock);
  const end = tail.follow(ring);
  const look = async (): Promise<StreamPage | null> => {
    for (let pages = 1; ; pages += 1) {
      const page =
        tail.since(place, PAGE_ITEMS) ??
        (await store.feed.read(place, PAGE_ITEMS, scopeOf(caller), filter));
      const { reached } = page;
      const entries = page.entries.filter((each) => isFor(caller, filter, each));
      const items = await Promise.all(entries.map((each) => answers.item(caller, each)));
      const moved = reached > place;
      // Only now: whoever fails above asks for the same again.
      place = reached;
      if (items.length > 0 || pages === MAX_EMPTY_PAGES) return { items, place, isOver: false };
      if (!moved) return null;
    }
  };
  const stream: EntryStream = {
    place,
    next: async (waitMs, signal) =>
      (await lookFor(look, { clock, wait, waitMs, signal })) ?? { items: [], place, isOver: false },
    close: end,
  };
  return { kind: "ok", stream };
}

/** The tail holds entries of all centres. */
function isFor(caller: Caller, filter: FeedFilter, { process, centre }: FeedEntry): boolean {
  return (
    reaches(caller, centre) &&
    (filter.process === undefined || filter.process === process) &&
    (filter.centre === undefined || filter.centre === centre)
  );
}

/** To wait there would lose the entries in between: a place that nobody gave, or one of another database. */
function ahead(what: "order" | "feed", last: number, found: number): Refused {
  return refused(
    "position-unknown",
    `Expected a place from 0 to ${last}, the last entry of the ${what} now, found ${found}: begin again with a place that this stream gave, or with 0.`,
  );
}
