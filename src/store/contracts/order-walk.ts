/** A walk over all orders that began in a period, those that live and those in the archive, each once. */

import type { EpochMs, Scope } from "../store.ts";

export interface OrderPeriod {
  /** Orders created at this instant or later, by the database's clock. */
  readonly from?: EpochMs;
  /** And before this one. */
  readonly to?: EpochMs;
  /** Last changed at this instant or later. */
  readonly changedFrom?: EpochMs;
  readonly process?: string;
  readonly centre?: string;
}

/** As it stood at one instant: its entries up to `revision` are whole. */
export interface WalkedOrder {
  readonly id: string;
  readonly process: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly outcome: string | null;
  readonly revision: number;
  /** By the database's clock. */
  readonly updatedAt: EpochMs;
}

export interface WalkPage {
  readonly orders: readonly WalkedOrder[];
  /** The last id that was looked at: go on after it. Null: there are no more. */
  readonly reached: string | null;
}

/**
 * Looks at the next `limit` orders by id, however few of them are in the period; an order that moves into the archive
 * meanwhile is met once. Ids grow with time only where the engine drew them: an order that is created while the walk goes
 * on may be missed, one that was there before it began is not.
 * @throws {ArchiveDetached} where an order that may be of the period lies in a month that was taken out
 */
export type WalkOrders = (
  period: OrderPeriod,
  page: { readonly after: string | null; readonly limit: number },
  scope: Scope,
) => Promise<WalkPage>;
