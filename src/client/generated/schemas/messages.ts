/** Written from the OpenAPI document by `npm run generate`. */

export type Message = {
  /** Format: uuid. */
  readonly id: string;
  readonly name: string;
  readonly correlation: { readonly [key: string]: string | number | boolean };
  /** `refused`: the order that waited for it did not take it; `code` says why */
  readonly state: "kept" | "delivered" | "refused" | "expired" | "withdrawn";
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly expiresAt: string;
  /**
   * null: it is kept
   * Format: date-time.
   */
  readonly endedAt: string | null;
  /** the order that took or refused it */
  readonly order: string | null;
  /** the revision that it made */
  readonly revision: number | null;
  /** of the refusal */
  readonly code: string | null;
};

export type SendMessage = {
  /**
   * the event that it becomes
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly name: string;
  /** What the order has, all of it and equal in type: `businessKey`, and fields of its `data` by dotted path */
  readonly correlation: { readonly [key: string]: string | number | boolean };
  readonly payload?: { readonly [key: string]: unknown };
  /**
   * how long it may wait for an order; absent: not at all
   * At least 1.
   * At most 2592000.
   */
  readonly ttlSeconds?: number;
};
