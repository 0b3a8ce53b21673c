/** Written from the OpenAPI document by `npm run generate`. */

export type ClaimedJobs = {
  readonly items: ClaimedJob[];
};

export type ClaimedJob = {
  /** the same in every attempt, and in the work order's `jobs` */
  readonly id: string;
  readonly type: string;
  readonly order: {
    /**
     * UUID; version 7 when the server drew it
     * Format: uuid.
     */
    readonly id: string;
    /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
    readonly process: string;
    /**
     * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
     * At most 64 characters.
     */
    readonly version: string;
    readonly businessKey: string | null;
    readonly centre: string | null;
    /** More than 0. */
    readonly revision: number;
  };
  /** `collection/id` of the item it is for */
  readonly item?: string;
  readonly input: { readonly [key: string]: unknown };
  /** More than 0. */
  readonly attempt: number;
  /**
   * when this attempt fails
   * At least 0.
   */
  readonly retriesLeft: number;
  /** Format: date-time. */
  readonly leaseUntil: string;
  /** names this very claim, and is its secret */
  readonly leaseToken: string;
};

export type ClaimJobs = {
  /**
   * At least 1 members.
   * At most 50 members.
   */
  readonly types: string[];
  /**
   * only jobs of this process, where several have jobs of the same type; absent: of all
   * Pattern: `^[a-z][a-z0-9-]{0,99}$`.
   */
  readonly process?: string;
  /**
   * what the worker calls itself
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly worker?: string;
  /**
   * At least 1.
   * At most 100.
   */
  readonly max?: number;
  /**
   * At least 1.
   * At most 43200.
   */
  readonly leaseSeconds?: number;
  /**
   * how long to wait for a job when there is none
   * At least 0.
   * At most 60.
   */
  readonly waitSeconds?: number;
};

export type Lease = {
  readonly id: string;
  /** Format: date-time. */
  readonly leaseUntil: string;
};

export type ExtendJob = {
  /**
   * At least 1.
   * At most 43200.
   */
  readonly leaseSeconds: number;
  /**
   * of the claim; absent: any claim of the caller's own `sub` will do
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly leaseToken?: string;
};

export type Job = {
  /** the same in every attempt, and in the work order's `jobs` */
  readonly id: string;
  readonly type: string;
  readonly order: {
    /**
     * UUID; version 7 when the server drew it
     * Format: uuid.
     */
    readonly id: string;
    /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
    readonly process: string;
    /**
     * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
     * At most 64 characters.
     */
    readonly version: string;
    readonly businessKey: string | null;
    readonly centre: string | null;
    /** More than 0. */
    readonly revision: number;
  };
  /** `collection/id` of the item it is for */
  readonly item?: string;
  readonly input: { readonly [key: string]: unknown };
  /** failed: retries are out, and an incident is open */
  readonly state: "open" | "leased" | "failed";
  /** At least 0. */
  readonly attempts: number;
  /** Format: date-time. */
  readonly openedAt: string;
  /**
   * not offered before
   * Format: date-time.
   */
  readonly availableAt: string;
  readonly worker: string | null;
  /** Format: date-time. */
  readonly leaseUntil: string | null;
};

export type CompleteJob = {
  /** absent: an empty object */
  readonly output?: { readonly [key: string]: unknown };
  /**
   * of the claim; absent: any claim of the caller's own `sub` will do
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly leaseToken?: string;
};

export type FailJob = {
  readonly error: {
    /**
     * what the definition's `onError` may decide by
     * Pattern: `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`.
     */
    readonly code: string;
    /**
     * it stays in the order's history, so it names no person
     * Pattern: `^[^\0]*$`.
     * At most 2000 characters.
     */
    readonly message: string;
  } | string;
  /** false: trying again would give the same */
  readonly retryable?: boolean;
  /**
   * absent: the back-off of the definition
   * At least 0.
   * At most 86400.
   */
  readonly retryAfterSeconds?: number;
  /**
   * of the claim; absent: any claim of the caller's own `sub` will do
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly leaseToken?: string;
};
