/**
 * Entries as they come, of one order or of all that a caller reaches: each exactly once and in order from the place that
 * the reader names. A stream holds nothing but that place: it reads on when its reader asks, so a slow one costs nothing.
 */

import type { FeedFilter } from "../store/contracts/feed.ts";
import type { Caller } from "./engine.ts";
import type { Refused } from "./refusal.ts";
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

/** What one `next` gives at most: a reader that is slow holds as much, and one entry of whatever length. */
export const PAGE = { limit: 50, bytes: 65_536 } as const;
