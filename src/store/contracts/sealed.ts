/** What the store promises of personal values: it keeps them as they were sealed, beside the history, and opens none. */

import type { Json } from "../../../machines/json.ts";

/** A personal value under its person's key; the history holds only the commitment. */
export interface SealedBox {
  /** 64 hex digits. */
  readonly commitment: string;
  /** As `src/audit/box.ts` makes it. */
  readonly box: Uint8Array;
}

/** As a release wrote it that knew no keys: in clear. */
export interface ClearValue {
  /** 64 hex digits. */
  readonly commitment: string;
  /** 64 hex digits. */
  readonly salt: string;
  readonly value: Json;
}

export type KeptValue =
  | ({ readonly kind: "boxed" } & SealedBox)
  | ({ readonly kind: "clear" } & ClearValue);

export interface KeptValues {
  /** The tag of whose data the order holds; null: its own, or none is kept under these commitments. */
  readonly subject: string | null;
  /** Whether the person's data are restricted at this moment. */
  readonly restricted: boolean;
  readonly values: readonly KeptValue[];
}

/** Where a walk over values goes on: behind this order. */
export type SealedMark = string;

export interface Sealed {
  /** A commitment without a value (erased, of another order) is left out; somebody may have put several under one. */
  readonly kept: (orderId: string, commitments: readonly string[]) => Promise<KeptValues>;
  /** Values in clear of some orders in the order of their ids, all of an order's together; none: the walk is at its end. */
  readonly inClear: (page: {
    readonly after: SealedMark | null;
    /** About so many values; more only of a single order. */
    readonly limit: number;
  }) => Promise<readonly OrderInClear[]>;
  /** Each box takes the place of the value in clear that it was made of, where that is still there. @returns how many did */
  readonly reseal: (orders: readonly ResealedOrder[]) => Promise<number>;
  /**
   * Gives the file of values in clear back to the system when none is left and nobody holds the table: what was moved away
   * is in no live file then. @returns whether it did, or there was nothing to do
   */
  readonly sweep: () => Promise<boolean>;
  /** Ids of orders that hold this person's data, archived ones too, in the order of their ids. */
  readonly ordersOf: (
    subject: string,
    page: { readonly after: string | null; readonly limit: number },
  ) => Promise<readonly string[]>;
}

export interface OrderInClear {
  readonly orderId: string;
  /** The tag of whose data the order holds; null: its own. */
  readonly subject: string | null;
  readonly values: readonly ClearValue[];
}

export interface ResealedOrder {
  readonly orderId: string;
  readonly boxes: readonly SealedBox[];
}
