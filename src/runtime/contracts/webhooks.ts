/** Webhooks as admins see them, and the way out by which deliveries leave the server. */

import type { Instant } from "../../../machines/order.ts";
import type { DeliveryState } from "../../store/contracts/deliveries.ts";
import type { DisabledWebhook } from "../../store/contracts/webhooks.ts";
import type { Caller, ListResult, Page } from "../engine.ts";
import type { Refused } from "../refusal.ts";

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** Exact event types, or a prefix and `*`. */
  readonly events: readonly string[];
  /** Persons' data is open in a body when one of these takes part in the order's process. */
  readonly roles: readonly string[];
  /** It is told of orders in these centres. */
  readonly centres: "*" | readonly string[];
  readonly disabled: boolean;
  /** Null: it is enabled. */
  readonly disabledBecause: DisabledWebhook | null;
  /** When each secret before the present one stops signing. */
  readonly previousSecretsUntil: readonly Instant[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface WebhookRequest {
  readonly url: string;
  readonly events: readonly string[];
  /** `whsec_` and base64 of 24 to 64 bytes; absent: the server draws one. */
  readonly secret?: string;
  readonly description?: string;
  /** Absent: the caller's. */
  readonly roles?: readonly string[];
}

export interface WebhookPatch {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly description?: string | null;
  readonly disabled?: boolean;
}

export interface RotateRequest {
  /** How long the secret until now still signs, beside the new one. */
  readonly overlapSeconds: number;
  readonly secret?: string;
}

export interface Attempt {
  readonly at: Instant;
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

export interface Delivery {
  /** The event's, and the `webhook-id` that the endpoint sees. */
  readonly id: string;
  readonly type: string;
  /** Null: a test. */
  readonly order: string | null;
  /** Of the order, when it happened; null: a test. */
  readonly revision: number | null;
  readonly state: DeliveryState;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
  /** Null: it has ended, or waits for an earlier one of its order. */
  readonly nextAttemptAt: Instant | null;
  /** The latest 50, oldest first. What an endpoint answered beyond its status is not kept. */
  readonly attempts: readonly Attempt[];
}

export interface DeliveryQuery extends Page {
  readonly state?: DeliveryState;
  /** Id of the work order that they tell of. */
  readonly order?: string;
}

export type WebhookResult = { readonly kind: "ok"; readonly webhook: Webhook } | Refused;
/** The secret is told this once. */
export type WebhookMade =
  | { readonly kind: "ok"; readonly webhook: Webhook; readonly secret: string }
  | Refused;
export type DeliveryResult = { readonly kind: "ok"; readonly delivery: Delivery } | Refused;

/** Only an admin's request may reach these; a webhook that is told of centres beyond the caller's looks absent. */
export interface Webhooks {
  /** It has the authority of the caller: its centres, and its roles unless the request names others. */
  readonly create: (caller: Caller, request: WebhookRequest) => Promise<WebhookMade>;
  /** Newest first. */
  readonly list: (caller: Caller, page: Page) => Promise<ListResult<Webhook>>;
  readonly get: (caller: Caller, id: string) => Promise<WebhookResult>;
  readonly change: (caller: Caller, id: string, patch: WebhookPatch) => Promise<WebhookResult>;
  readonly remove: (caller: Caller, id: string) => Promise<{ readonly kind: "ok" } | Refused>;
  readonly rotate: (caller: Caller, id: string, request: RotateRequest) => Promise<WebhookMade>;
  /** Newest first. */
  readonly deliveries: (
    caller: Caller,
    id: string,
    query: DeliveryQuery,
  ) => Promise<ListResult<Delivery> | Refused>;
  /** Queues it anew at its place among its order's deliveries; one that is still pending is tried at once. */
  readonly resend: (caller: Caller, id: string, delivery: string) => Promise<DeliveryResult>;
  /** Queues an event of the type `sevenstep.webhook.test`, whatever the webhook is subscribed to. */
  readonly test: (caller: Caller, id: string) => Promise<DeliveryResult>;
}

export interface DeliveryRequest {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly timeoutMs: number;
}

/** Why no answer came. */
export type DeliveryFault =
  /** The address may not be sent to: it is not public, or not `https`. */
  | "target-refused"
  | "name-unresolved"
  | "connection-failed"
  | "tls-failed"
  | "timed-out"
  /** The signal aborted. */
  | "stopped";

export type DeliveryAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The header as it came. */
      readonly retryAfter: string | null;
    }
  | { readonly kind: "failed"; readonly fault: DeliveryFault };

/** The way out to the endpoints of webhooks. */
export interface Outlet {
  /** What is wrong with a URL, as far as it can be said without the network; null: nothing. */
  readonly refusal: (url: string) => string | null;
  /** One attempt, never more: no redirect is followed. Never rejects. */
  readonly deliver: (request: DeliveryRequest, signal: AbortSignal) => Promise<DeliveryAnswer>;
}
