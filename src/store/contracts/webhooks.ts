/** Webhooks: who wants to be told of what, where, and in whose authority. Their secrets cross this border sealed only. */

import type { EpochMs, Page, Scope } from "../store.ts";

/** Sealed by the caller: the store can't read it. */
export interface StoredSecret {
  readonly sealed: string;
  /** Null: the present one. A secret that was followed by another signs beside it until then. */
  readonly validUntil: EpochMs | null;
}

/** `gone`: the endpoint itself answered that it is no more. */
export type DisabledWebhook = "requested" | "gone";

export interface NewWebhook {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** Exact event types, or a prefix and `*`. */
  readonly events: readonly string[];
  /** With whose eyes bodies are written. */
  readonly roles: readonly string[];
  /** Only what happens in these centres is told. */
  readonly centres: Scope["centres"];
  readonly createdBy: string;
  /** The present secret. */
  readonly sealed: string;
}

export interface StoredWebhook extends Omit<NewWebhook, "sealed"> {
  /** Newest first: the present one and those that still sign beside it. */
  readonly secrets: readonly StoredSecret[];
  readonly disabled: DisabledWebhook | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface WebhookChange {
  readonly url?: string;
  readonly description?: string | null;
  readonly events?: readonly string[];
  readonly disabled?: boolean;
}

/** A webhook shows to whom all its centres show; to everybody else it is absent. */
export interface Webhooks {
  /** @returns null when there are `most` already */
  readonly create: (webhook: NewWebhook, most: number) => Promise<StoredWebhook | null>;
  readonly get: (id: string, scope: Scope) => Promise<StoredWebhook | null>;
  /** Newest first. */
  readonly list: (
    page: { readonly limit: number; readonly cursor?: string },
    scope: Scope,
  ) => Promise<Page<StoredWebhook>>;
  /**
   * While disabled nothing new is queued and what is queued waits; enabled again, all of it is due at once.
   * @returns null when it is not there
   */
  readonly change: (
    id: string,
    change: WebhookChange,
    scope: Scope,
  ) => Promise<StoredWebhook | null>;
  /** Makes `sealed` the present secret; the one before signs beside it for `overlapMs`. @returns null when it is not there */
  readonly rotate: (
    id: string,
    secret: { readonly sealed: string; readonly overlapMs: number },
    scope: Scope,
  ) => Promise<StoredWebhook | null>;
  /** Its deliveries are never sent again, and vanish with the next purges. @returns false when it is not there */
  readonly remove: (id: string, scope: Scope) => Promise<boolean>;
  /** The endpoint is no more. What is queued waits, in case somebody enables the webhook again. */
  readonly gone: (id: string) => Promise<void>;
  /** Whether any webhook is enabled. */
  readonly any: () => Promise<boolean>;
}
