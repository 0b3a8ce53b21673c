/** Written from the OpenAPI document by `npm run generate`. */

export type Problem = {
  /** URL reference of the code's meaning */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: "authentication-required" | "role-not-allowed" | "separation-violated" | "centre-not-allowed" | "not-found" | "message-unmatched" | "definition-unknown" | "order-detached" | "test-clock-unknown" | "route-unknown" | "method-not-allowed" | "not-acceptable" | "event-not-enabled" | "order-closed" | "history-diverged" | "id-unavailable" | "message-ambiguous" | "messages-full" | "message-ended" | "item-exists" | "data-invalid" | "invariant-violated" | "expression-failed" | "step-unbounded" | "definition-mismatch" | "migration-undecided" | "migration-impossible" | "migration-rules-invalid" | "timer-unknown" | "timer-not-due" | "job-unknown" | "lease-lost" | "answer-erased" | "process-reserved" | "person-restricted" | "incident-closed" | "version-published" | "test-clock-backwards" | "test-clock-stuck" | "idempotency-key-reused" | "idempotency-in-progress" | "task-claimed" | "revision-mismatch" | "body-malformed" | "body-too-deep" | "body-key-duplicate" | "body-key-forbidden" | "body-text-unsafe" | "body-number-range" | "header-invalid" | "body-too-large" | "media-type-unsupported" | "request-invalid" | "position-unknown" | "disclosure-unknown" | "correlation-invalid" | "event-unknown" | "payload-invalid" | "item-unknown" | "definition-too-costly" | "definition-invalid" | "webhook-url-refused" | "webhook-limit" | "webhook-disabled" | "request-malformed" | "request-too-slow" | "headers-too-large" | "rate-limited" | "identity-provider-unavailable" | "evidence-pending" | "judges-busy" | "overloaded" | "starting" | "shutting-down" | "database-unavailable" | "internal-error";
  readonly retryable: boolean;
  /** `X-Request-Id` of the answer; name it when you report a problem */
  readonly requestId?: string;
  readonly errors?: {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly message: string;
  }[];
  /** where the order stands: read it again, decide anew */
  readonly currentRevision?: number;
  /** what the caller may send instead */
  readonly enabled?: EnabledEvent[];
  /** what the state knows but refuses, and why */
  readonly blocked?: BlockedEvent[];
  /** the guard, rule or invariant that refused, as it is written */
  readonly because?: string;
  /** JSON Pointer into the definition, of what refused */
  readonly pointer?: string;
  /** everything that is wrong with the definition */
  readonly findings?: Finding[];
  /** who has claimed the task */
  readonly assignee?: string;
  /** the order that it is about, in a list */
  readonly order?: string;
  /** of the order's entry that is at fault */
  readonly revision?: number;
  /** orders between which the request does not decide */
  readonly orders?: string[];
} & { readonly [key: string]: unknown };

export type EnabledEvent = {
  readonly event: string;
  /** `collection/id` of the item it is for */
  readonly item?: string;
  /** in the asked language */
  readonly title: string;
  readonly by: string[];
  /** JSON Schema 2020-12 */
  readonly payloadSchema: { readonly [key: string]: unknown } | boolean;
  /** guard that needs the payload to be decided */
  readonly when?: string;
  /** the same in words */
  readonly whenWhy?: string;
};

export type BlockedEvent = {
  readonly event: string;
  readonly item?: string;
  /** in the asked language */
  readonly title: string;
  readonly by: string[];
  /** the guard, role or rule that refuses */
  readonly because: string;
  /** the same in words, in the asked language */
  readonly why: string;
};

export type Finding = {
  readonly rule: string;
  readonly severity: "error" | "warning";
  /** JSON Pointer into the document */
  readonly pointer: string;
  readonly line: number | null;
  readonly message: string;
  readonly help: string;
};

export type WorkOrder = {
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
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly digest: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  /** More than 0. */
  readonly revision: number;
  readonly status: "active" | "done" | "incident";
  readonly outcome: string | null;
  readonly step: string | null;
  readonly state: StateValue;
  /** where it stands, in the asked language */
  readonly stateTitle: string;
  readonly tags: string[];
  readonly data: { readonly [key: string]: unknown };
  readonly items: { readonly [key: string]: ({
      readonly id: string;
      readonly state: StateValue;
    } & { readonly [key: string]: unknown })[] };
  readonly enabled: EnabledEvent[];
  readonly blocked: BlockedEvent[];
  readonly timers: {
    readonly id: string;
    readonly item?: string;
    /** the state that waits, and its delay */
    readonly event: string;
    /** Format: date-time. */
    readonly dueAt: string;
  }[];
  readonly jobs: {
    readonly id: string;
    readonly type: string;
    readonly state: "open" | "failed";
  }[];
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly updatedAt: string;
  readonly testClock?: string;
};

/** XState's state value: a state's key, or one member per active region */
export type StateValue = string | { readonly [key: string]: unknown };
