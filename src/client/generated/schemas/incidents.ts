/** Written from the OpenAPI document by `npm run generate`. */

export type Incident = {
  readonly id: string;
  /**
   * UUID; version 7 when the server drew it
   * Format: uuid.
   */
  readonly order: string;
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version: string;
  readonly centre: string | null;
  /**
   * of the order when it got stuck
   * More than 0.
   */
  readonly revision: number;
  readonly status: "open" | "closed";
  /** the timer or the job that could not go on */
  readonly source: {
    readonly kind: "timer" | "job";
    readonly id: string;
  };
  readonly code: string;
  readonly detail: string;
  /** JSON Pointer into the definition, of what failed */
  readonly pointer: string | null;
  /** Format: date-time. */
  readonly openedAt: string;
  /** Format: date-time. */
  readonly closedAt: string | null;
  /** null: open, or a later step of the order took the timer or job away */
  readonly closedBy: string | null;
  readonly reason: string | null;
};

export type RetryIncident = {
  /**
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 2000 characters.
   */
  readonly reason: string;
};

export type ResolveIncident = {
  /**
   * it stays in the order's history, so it names no person
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 2000 characters.
   */
  readonly reason: string;
  /** of the job, in place of a worker's; absent: empty. A timer has none */
  readonly output?: { readonly [key: string]: unknown };
};
