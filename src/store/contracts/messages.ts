/** Messages from outside that wait for an order, and the search for the orders that a message is meant for. */

import type { Decide, EpochMs, Page, Scope, StoredOrder } from "../store.ts";

/** `refused`: the order that waited for it did not take it. */
export type MessageState = "kept" | "delivered" | "refused" | "expired" | "withdrawn";

/** Which orders a message is meant for; an order has to meet all of it. */
export interface Correlation {
  readonly businessKey: string | null;
  /** Fields of the order's data: keys from the outermost on, none a number, and the value, equal in type too. */
  readonly fields: readonly CorrelatedField[];
}

export interface CorrelatedField {
  readonly path: readonly [string, ...string[]];
  readonly value: string | number | boolean;
}

/** With whose authority it is delivered. */
export interface Sender {
  readonly sub: string;
  readonly roles: readonly string[];
  /** Null: all. */
  readonly centres: readonly string[] | null;
}

/** Messages of one name, correlation and sender: they are delivered in the order in which they came. */
export interface Lane {
  readonly lane: string;
  readonly name: string;
  readonly correlation: Correlation;
  readonly sender: Sender;
}

export interface NewMessage extends Lane {
  readonly id: string;
  /** In a form that only the servers open. */
  readonly payload: string;
  readonly ttlMs: number;
}

export interface Message extends Lane {
  readonly id: string;
  readonly state: MessageState;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Null while it is kept. */
  readonly endedAt: EpochMs | null;
  /** The order that took it, and the revision that it made. */
  readonly orderId: string | null;
  readonly revision: number | null;
  /** Why it was refused. */
  readonly code: string | null;
}

export interface WaitingMessage {
  readonly id: string;
  readonly createdAt: EpochMs;
  readonly payload: string;
}

/** Whose messages a reader sees: its own; with a scope also those whose sender reached no further. */
export interface MessageReader {
  readonly sub: string;
  readonly others: Scope | null;
}

export interface MessageFilter {
  readonly state?: MessageState;
  readonly limit: number;
  /** As given by the page before; anything else throws `BadCursor`. */
  readonly cursor?: string;
}

export interface OrderSearch {
  readonly correlation: Correlation;
  /** Definitions under which orders are looked for. */
  readonly digests: readonly string[];
  /** Only orders that changed since; null: all. */
  readonly since: EpochMs | null;
  /** Orders with a greater id only. */
  readonly after: string;
  readonly limit: number;
}

/** `next`: where to go on, also after a page without orders; null: these were the last. */
export interface FoundOrders {
  readonly items: readonly StoredOrder[];
  readonly next: string | null;
}

export interface Messages {
  /** @returns null when the sender has `max` kept messages already */
  readonly keep: (message: NewMessage, max: number) => Promise<Message | null>;
  readonly get: (id: string, reader: MessageReader) => Promise<Message | null>;
  /** Newest first. */
  readonly list: (filter: MessageFilter, reader: MessageReader) => Promise<Page<Message>>;
  /** A kept one is kept no longer. @returns what it is after that; null: there is none */
  readonly withdraw: (id: string, reader: MessageReader) => Promise<Message | null>;
  /**
   * Lanes with kept messages, by name of the lane, those behind `after`.
   * @param since those only that an order which changed since may wait for; null: all
   */
  readonly lanes: (
    since: EpochMs | null,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly Lane[]>;
  readonly anyKept: () => Promise<boolean>;
  /** Kept messages of a lane, oldest first, those behind `after`. */
  readonly waiting: (
    lane: string,
    page: { readonly after: WaitingMessage | null; readonly limit: number },
  ) => Promise<readonly WaitingMessage[]>;
  /**
   * Changes an order by a kept message: both are one transaction, in which the message ends when its order was written.
   * @throws {MessageGone} when it is no longer kept or its time is over; and what `Store.change` throws
   */
  readonly deliver: <T>(id: string, orderId: string, decide: Decide<T>) => Promise<T>;
  /** A kept message ends without effect; one that is not kept stays as it is. */
  readonly refuse: (id: string, orderId: string, code: string) => Promise<void>;
  /** Ends what is over its time, at most that many. @returns how many */
  readonly expire: (limit: number) => Promise<number>;
  /** Forgets what ended longer ago, at most that many. @returns how many */
  readonly forget: (olderThanMs: number, limit: number) => Promise<number>;
  /** Open orders that meet a correlation, by id. */
  readonly orders: (search: OrderSearch, scope: Scope) => Promise<FoundOrders>;
}
