/** What the store promises about requests that come again: one key takes effect once, and its answer can be given again. */

import type { EpochMs, OrderStatus, Store } from "../store.ts";

/** Names one request of one caller. Neither caller nor key is stored, only the hash of both. */
export interface IdempotencyKey {
  readonly caller: string;
  readonly key: string;
  /** Of what was asked: the same key with another one is a mistake of the caller's. */
  readonly fingerprint: string;
}

/**
 * What to answer again, without anybody's data in clear: of an order only what its history does not tell, because
 * history and definition rebuild the rest.
 */
export type RecordedAnswer =
  | {
      readonly kind: "order";
      /** False: the very same order had been created before. */
      readonly created: boolean;
      readonly status: OrderStatus;
      /** Jobs with an open incident. */
      readonly failedJobs: readonly string[];
    }
  | {
      readonly kind: "refused";
      /** In a form that only its caller's key opens. */
      readonly sealed: string;
      /** The instant for which the order was judged; null: it was not. */
      readonly judgedAt: EpochMs | null;
    }
  /** An answer as a whole, in such a form too. `personal`: it may hold a person's values. */
  | { readonly kind: "text"; readonly sealed: string; readonly personal?: true }
  /** It told of a person whose data were erased. */
  | { readonly kind: "erased" };

export interface IdempotencyRecord {
  /** The order that the answer is about, and its revision when it was given. */
  readonly orderId: string | null;
  readonly revision: number | null;
  readonly answer: RecordedAnswer;
}

/** Why nothing was done for a key. `in-progress`: the first request with it has not ended; nothing is known yet. */
export type Settled =
  | { readonly kind: "replayed"; readonly key: IdempotencyKey; readonly record: IdempotencyRecord }
  | { readonly kind: "reused" }
  | { readonly kind: "in-progress" };

export type Once = { readonly kind: "done"; readonly record: IdempotencyRecord } | Settled;

export interface Idempotency {
  /**
   * Does the work in one transaction with its record. The work must use the store that it is given, and no other: it is
   * bound to the transaction. It may run again when a conflict made the store retry; what it throws leaves nothing.
   */
  readonly once: (
    key: IdempotencyKey,
    work: (store: Store) => Promise<IdempotencyRecord>,
  ) => Promise<Once>;
  /** What is known of the key now; null: nothing. */
  readonly look: (key: IdempotencyKey) => Promise<Settled | null>;
  /** Forgets at most `limit` records that are older. @returns how many */
  readonly forget: (olderThanMs: number, limit: number) => Promise<number>;
}
