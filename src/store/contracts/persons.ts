/** What the store promises about a person as a whole: what is kept of one is gone, or read by nobody, wherever it lies. */

import type { SealedBox } from "./sealed.ts";

export interface Persons {
  /** How many orders were made for this person, archived ones too. */
  readonly orders: (subject: string) => Promise<number>;
  /**
   * Takes away what these orders keep of a person beside their histories: sealed values, kept messages to their business
   * keys, and what people and workers wrote about incidents. Asked again, it finds what came since.
   * @param only commitments by the order's id: of the sealed values in boxes these alone
   * @returns how many sealed values were there
   */
  readonly erase: (
    orderIds: readonly string[],
    only?: ReadonlyMap<string, readonly string[]>,
  ) => Promise<number>;
  /** What is kept in these lanes is kept no longer. */
  readonly withdraw: (lanes: readonly string[]) => Promise<void>;
  /** Every sealed value of an order, whatever its history says of it. */
  readonly boxesOf: (orderId: string) => Promise<readonly SealedBox[]>;
  /**
   * Takes away the answers under idempotency keys that may quote a person of these orders, and those that may hold
   * anybody's values: a request that comes again takes no effect, and is told that its answer is gone.
   */
  readonly eraseAnswers: (orderIds: readonly string[]) => Promise<number>;
  /** Nobody reads the person's values from its commit on, until every case that asked for it has lifted it. */
  readonly restrict: (subject: string, caseId: string) => Promise<void>;
  readonly lift: (subject: string, caseId: string) => Promise<void>;
  readonly isRestricted: (subject: string) => Promise<boolean>;
}
