/**
 * The feed: every entry of every order in one line, numbered 1, 2, 3, … without a gap. An entry commits with its order
 * as one that waits; a sequencer gives it its position later. So a reader who has seen all up to a position has seen all
 * that will ever stand there, whatever the order in which transactions commit: positions are safe cursors, times and
 * sequences are not.
 */

import type { HistoryEntry, Scope } from "../store.ts";

export interface FeedEntry {
  readonly position: number;
  readonly orderId: string;
  readonly process: string;
  readonly centre: string | null;
  readonly entry: HistoryEntry;
}

/** `busy`: another server numbers at this moment. `appended`: how many, and the last position of all. */
export type Sequenced =
  | { readonly kind: "busy" }
  | { readonly kind: "appended"; readonly count: number; readonly head: number };

export interface FeedRange {
  readonly after: number;
  readonly limit: number;
  readonly bytes: number;
}

export interface FeedFilter {
  readonly process?: string;
  readonly centre?: string;
}

export interface FeedPage {
  readonly entries: readonly FeedEntry[];
  /** No entry up to here that the scope and the filter let through is missing: go on after it. */
  readonly reached: number;
}

export interface Feed {
  /**
   * Numbers at most `limit` of the entries that wait: those that arrived first, an order's in the order of their
   * revisions. All or nothing; of many servers at once one does it.
   */
  readonly sequence: (limit: number) => Promise<Sequenced>;
  /** The last position; 0: the feed is empty. */
  readonly head: () => Promise<number>;
  /**
   * At most `limit` entries after a position, in order, and none after the one with which their lines reach `bytes`.
   * However few the scope lets through, the work is bounded.
   */
  readonly read: (from: FeedRange, scope: Scope, filter?: FeedFilter) => Promise<FeedPage>;
}
