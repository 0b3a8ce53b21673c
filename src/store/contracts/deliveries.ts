/**
 * Deliveries: what is queued for each webhook, in one lane per order. A lane's first pending delivery is its head; only
 * heads are offered, so one that fails holds up its own lane and no other.
 */

import type { EpochMs, Page, Scope } from "../store.ts";
import type { StoredSecret } from "./webhooks.ts";

export type DeliveryState = "pending" | "delivered" | "dead";

/** One try to hand a delivery over. */
export interface DeliveryAttempt {
  readonly at: EpochMs;
  /** What the endpoint answered; null: no answer came. */
  readonly status: number | null;
  /** Why no answer came, or why none was asked for. */
  readonly error: string | null;
  readonly durationMs: number;
}

/** Something that happened, as it is queued. */
export interface Occurrence {
  /** The CloudEvents type. */
  readonly type: string;
  /** Unique in the order, made of history alone; the order's id, `_` and this name the event everywhere. */
  readonly name: string;
  /** Which one of its kind in the revision: the effect's index, the job's id, the incident's number, the task as JSON. */
  readonly subject: string | null;
}

export interface StoredDelivery {
  /** Of the event: every webhook that is told of it is told this id. */
  readonly id: string;
  /** The order; of a test, the webhook itself. */
  readonly orderId: string;
  readonly webhookId: string;
  readonly type: string;
  /** The order's revision; 0 in a test. */
  readonly revision: number;
  readonly subject: string | null;
  readonly state: DeliveryState;
  readonly createdAt: EpochMs;
  readonly endedAt: EpochMs | null;
  /** The latest ones, oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
  /** When it is tried next; null: it has ended, or waits for one before it in its lane. */
  readonly nextAt: EpochMs | null;
}

/** Names one claim of one lane. */
export interface LaneLease {
  readonly orderId: string;
  readonly webhookId: string;
  readonly number: number;
  readonly token: string;
}

/** A head that was claimed, with all that its body and its sending take. */
export interface ClaimedDelivery extends Omit<StoredDelivery, "nextAt" | "endedAt" | "state"> {
  readonly lease: LaneLease;
  /** When it was queued, or last asked to be sent again. */
  readonly queuedAt: EpochMs;
  /** How often it was tried since then. */
  readonly tries: number;
  /** The first failure of the lane since its last success; null: it works. */
  readonly failingSince: EpochMs | null;
  readonly url: string;
  readonly secrets: readonly StoredSecret[];
  readonly roles: readonly string[];
  readonly centres: Scope["centres"];
  readonly createdBy: string;
  readonly order: {
    readonly businessKey: string | null;
    readonly centre: string | null;
    readonly outcome: string | null;
    /** The stored history line of the revision. */
    readonly line: string;
  } | null;
  /** By the database's clock, when it was claimed. */
  readonly now: EpochMs;
}

export interface ClaimLanes {
  /** How many more may go to these webhooks now; to every other one, `each`. */
  readonly free: ReadonlyMap<string, number>;
  readonly each: number;
  readonly limit: number;
  readonly leaseMs: number;
}

/** What an attempt came to. */
export type DeliveryEnd =
  | { readonly kind: "delivered" }
  | { readonly kind: "retry"; readonly inMs: number }
  | { readonly kind: "dead" };

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly orderId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** How long a delivery stays after its end. */
export interface DeliveriesKept {
  readonly arrivedMs: number;
  readonly deadMs: number;
}

export interface Deliveries {
  /** Heads of lanes that are due, of enabled webhooks; of each webhook those that wait longest. Nobody else gets them. */
  readonly claim: (request: ClaimLanes) => Promise<readonly ClaimedDelivery[]>;
  /**
   * Records the attempt and what it came to; the lane goes on when the delivery has ended.
   * @returns false when the lease went to another: nothing was recorded
   */
  readonly finish: (
    lease: LaneLease,
    attempt: DeliveryAttempt,
    end: DeliveryEnd,
  ) => Promise<boolean>;
  /** Gives the lane back as if it had not been claimed. */
  readonly release: (lease: LaneLease) => Promise<void>;
  /** Milliseconds until a lane falls due, of enabled webhooks but `except`; null: none waits. */
  readonly dueIn: (except: readonly string[]) => Promise<number | null>;
  /** Newest first. */
  readonly list: (webhookId: string, filter: DeliveryFilter) => Promise<Page<StoredDelivery>>;
  /**
   * Queues it anew, at its place in its lane; one that is still pending is tried at once.
   * @returns null when it is not there (any more)
   */
  readonly resend: (webhookId: string, id: string) => Promise<StoredDelivery | null>;
  /** Queues an event that belongs to no order, in a lane of its own. @returns null when the webhook is not enabled */
  readonly test: (
    webhookId: string,
    test: { readonly id: string; readonly type: string },
  ) => Promise<StoredDelivery | null>;
  /**
   * Removes at most `limit` each of: deliveries that ended longer ago than is said, lanes without any, and what a removed
   * webhook left behind. @returns how many
   */
  readonly purge: (olderThan: DeliveriesKept, limit: number) => Promise<number>;
}
