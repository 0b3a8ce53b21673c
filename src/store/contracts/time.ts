/** Pending timers, and the virtual clocks that an order can live by instead of the database's. */

import type { EpochMs, Scope } from "../store.ts";

export interface NewTimer {
  /** Unique in the order for ever: the revision that set it, a dot, and its position there. */
  readonly id: string;
  readonly dueAt: EpochMs;
}

export interface DueTimer {
  readonly orderId: string;
  readonly id: string;
  readonly dueAt: EpochMs;
}

/** One of so many equal parts of all orders, the same for every server; `of` is a power of two. */
export interface OrderShare {
  readonly index: number;
  readonly of: number;
}

/**
 * A due timer is offered until a write cancels it (firing cancels too) or an incident on it is open. An offer is not a
 * claim: whoever fires it decides under the order's lock, where a timer that is gone is gone.
 */
export interface Timers {
  /**
   * Due by the database's clock, earliest first, an order's equally early ones as they were set; timers of orders on a
   * test clock are never among them.
   *
   * @param share of orders; absent: of all
   */
  readonly due: (limit: number, share?: OrderShare) => Promise<readonly DueTimer[]>;
  /** Due on a test clock at or before `until`, in the same order. */
  readonly dueOn: (
    testClock: string,
    until: EpochMs,
    limit: number,
  ) => Promise<readonly DueTimer[]>;
  /** When the earliest timer that `due` will offer falls due; null: none is pending. */
  readonly next: () => Promise<EpochMs | null>;
}

export interface TestClock {
  readonly id: string;
  readonly now: EpochMs;
  readonly createdAt: EpochMs;
  /** Only orders of these may live by it; null: any order. */
  readonly centres: readonly string[] | null;
}

export interface TestClocks {
  /** @param scope of its orders; absent: all. @returns null when the id is taken */
  readonly create: (id: string, now: EpochMs, scope?: Scope) => Promise<TestClock | null>;
  /** @param scope absent: every clock; else those alone whose orders it all reaches */
  readonly get: (id: string, scope?: Scope) => Promise<TestClock | null>;
  /** Moves the clock forward; an earlier instant leaves it where it stands. @returns null when there is no such clock */
  readonly advance: (id: string, to: EpochMs) => Promise<TestClock | null>;
}
