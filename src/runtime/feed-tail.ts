/** The newest entries of the feed, read once for all streams of this server, and what a lost wake would have told. */

import type { FeedEntry, FeedPage } from "../store/contracts/feed.ts";
import type { Store } from "../store/store.ts";
import { MAX_PAUSE_MS } from "./loop.ts";

export interface FeedTail {
  /** One round: reads what is new, while anybody follows. @returns the milliseconds until the next one is worth a look */
  readonly round: () => Promise<number>;
  /** @param ring called with each new entry; with null: look by yourself @returns what ends it */
  readonly follow: (ring: (entry: FeedEntry | null) => void) => () => void;
  /**
   * A page of what follows a position, of every centre: the reader keeps back what its caller does not reach.
   * Null: the tail does not reach back that far, or has not begun.
   */
  readonly since: (position: number, page: PageSize) => FeedPage | null;
  /** What follows a revision of an order without a gap; nothing: the tail does not reach back that far. */
  readonly ofOrder: (id: string, revision: number, page: PageSize) => readonly FeedEntry[];
}

/** At least one entry, if there is any, and no more than its `limit`; none after the one with which it reaches `bytes`. */
export interface PageSize {
  readonly limit: number;
  readonly bytes: number;
}

const ROUND = { limit: 100, bytes: 1_048_576 };
/** What is kept for streams that are a little behind. */
const MAX_ENTRIES = 2_000;
const MAX_CHARACTERS = 4 * 1_048_576;

/** @param begin has the next round come at once */
export function createFeedTail({ feed }: Pick<Store, "feed">, begin: () => void): FeedTail {
  const followers = new Set<(entry: FeedEntry | null) => void>();
  let entries: FeedEntry[] = [];
  let characters = 0;
  /** The last position that was read; null: nobody followed. */
  let reached: number | null = null;

  const forget = (): void => {
    entries = [];
    characters = 0;
    reached = null;
  };
  const keep = (page: readonly FeedEntry[]): void => {
    entries.push(...page);
    for (const each of page) characters += sizeOf(each);
    let dropped = 0;
    for (const each of entries) {
      if (entries.length - dropped <= MAX_ENTRIES && characters <= MAX_CHARACTERS) break;
      characters -= sizeOf(each);
      dropped += 1;
    }
    if (dropped > 0) entries = entries.slice(dropped);
  };

  return {
    round: async () => {
      if (followers.size === 0) {
        forget();
        return MAX_PAUSE_MS;
      }
      if (reached === null) {
        reached = await feed.head();
        for (const ring of followers) ring(null);
      }
      for (;;) {
        const page = await feed.read({ after: reached, ...ROUND }, { centres: "*" });
        if (page.reached === reached) return MAX_PAUSE_MS;
        keep(page.entries);
        reached = page.reached;
        for (const entry of page.entries) for (const ring of followers) ring(entry);
      }
    },
    follow: (ring) => {
      // Two followers may be the same function.
      const follower = (entry: FeedEntry | null): void => ring(entry);
      followers.add(follower);
      if (followers.size === 1) begin();
      return () => {
        followers.delete(follower);
      };
    },
    since: (position, page) => {
      if (reached === null) return null;
      const first = entries[0]?.position ?? reached + 1;
      if (position < first - 1) return null;
      const found = within(page, entries.slice(position + 1 - first));
      return { entries: found, reached: found.at(-1)?.position ?? position };
    },
    ofOrder: (id, revision, page) => {
      const isNext = ({ orderId, entry }: FeedEntry) => orderId === id && entry.revision > revision;
      const found = within(page, entries.filter(isNext));
      return found[0]?.entry.revision === revision + 1 ? found : [];
    },
  };
}

function within({ limit, bytes }: PageSize, entries: readonly FeedEntry[]): readonly FeedEntry[] {
  const page: FeedEntry[] = [];
  let size = 0;
  for (const each of entries) {
    if (page.length === limit || size >= bytes) break;
    page.push(each);
    size += sizeOf(each);
  }
  return page;
}

/** Characters are near enough to bytes. */
function sizeOf({ entry }: FeedEntry): number {
  return entry.line.length;
}
