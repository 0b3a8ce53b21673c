/** Written from the OpenAPI document by `npm run generate`. */

export type Webhook = {
  /** Format: uuid. */
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: string[];
  readonly roles: string[];
  /** It is told of orders in these; `*`: all */
  readonly centres: "*" | (string[]);
  readonly disabled: boolean;
  /** `gone`: the endpoint answered 410 */
  readonly disabledBecause: "requested" | "gone" | null;
  /** When each secret before the present one stops signing */
  readonly previousSecretsUntil: string[];
  readonly createdBy: string;
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly updatedAt: string;
};

export type WebhookMade = {
  /** Format: uuid. */
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: string[];
  readonly roles: string[];
  /** It is told of orders in these; `*`: all */
  readonly centres: "*" | (string[]);
  readonly disabled: boolean;
  /** `gone`: the endpoint answered 410 */
  readonly disabledBecause: "requested" | "gone" | null;
  /** When each secret before the present one stops signing */
  readonly previousSecretsUntil: string[];
  readonly createdBy: string;
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly updatedAt: string;
  /** What a receiver verifies signatures with; told this once, and kept sealed */
  readonly secret: string;
};

export type CreateWebhook = {
  /**
   * Where deliveries are sent: `https`, to a public address, without a user name or password. The operator may allow others
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly url: string;
  /**
   * `sevenstep.work-order.created`, `.changed`, `.done`; `sevenstep.effect.<name>` of the definition; `sevenstep.job.opened`; `sevenstep.task.opened`; `sevenstep.incident.opened`, `.closed`. A prefix and `*` takes all that begin so. `sevenstep.log.checkpoint` comes up to ten times a second and must be named as it is
   * At least 1 members.
   * At most 50 members.
   */
  readonly events: string[];
  /** `whsec_` and base64 of 24 to 64 bytes; absent: the server draws one */
  readonly secret?: string;
  /**
   * For whoever looks after it
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly description?: string;
  /**
   * With whose eyes bodies are written: persons' data is open where one of these takes part in the order's process. Absent: the caller's
   * At least 1 members.
   * At most 32 members.
   */
  readonly roles?: string[];
};

export type ChangeWebhook = {
  /**
   * Where deliveries are sent: `https`, to a public address, without a user name or password. The operator may allow others
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly url?: string;
  /**
   * `sevenstep.work-order.created`, `.changed`, `.done`; `sevenstep.effect.<name>` of the definition; `sevenstep.job.opened`; `sevenstep.task.opened`; `sevenstep.incident.opened`, `.closed`. A prefix and `*` takes all that begin so. `sevenstep.log.checkpoint` comes up to ten times a second and must be named as it is
   * At least 1 members.
   * At most 50 members.
   */
  readonly events?: string[];
  /**
   * For whoever looks after it
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly description?: string | null;
  /** While it is true nothing new is queued, and what is queued waits; `false` sends all that waits at once */
  readonly disabled?: boolean;
};

export type RotateWebhookSecret = {
  /**
   * How long the secret until now signs beside the new one
   * At least 0.
   * At most 604800.
   */
  readonly overlapSeconds?: number;
  /** `whsec_` and base64 of 24 to 64 bytes; absent: the server draws one */
  readonly secret?: string;
};

export type Delivery = {
  /** The event's, as in the header `webhook-id` */
  readonly id: string;
  readonly type: string;
  /**
   * null: a test
   * Format: uuid.
   */
  readonly order: string | null;
  readonly revision: number | null;
  readonly state: "pending" | "delivered" | "dead";
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly endedAt: string | null;
  /**
   * null: it has ended, or waits for an earlier one of its order
   * Format: date-time.
   */
  readonly nextAttemptAt: string | null;
  /** The latest 50, oldest first */
  readonly attempts: {
    /** Format: date-time. */
    readonly at: string;
    /** What the endpoint answered; null: nothing */
    readonly status: number | null;
    /** Why no answer came, such as `timed-out` */
    readonly error: string | null;
    readonly durationMs: number;
  }[];
};
