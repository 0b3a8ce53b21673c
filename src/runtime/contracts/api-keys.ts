/** What the engine promises about API keys, by which systems call as themselves. */

import type { Instant } from "../../../machines/order.ts";
import type { Caller, ListResult, Page } from "../engine.ts";
import type { Refused } from "../refusal.ts";

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Who it is in histories. */
  readonly sub: string;
  readonly roles: readonly string[];
  readonly centres: "*" | readonly string[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly rotatedAt: Instant | null;
  /** Until then the secret before the last rotation is good too. */
  readonly previousSecretUntil: Instant | null;
  /** To the minute. */
  readonly lastUsedAt: Instant | null;
}

export interface ApiKeyRequest {
  readonly name: string;
  readonly roles: readonly string[];
  /** Null: all; absent: those of the caller. */
  readonly centres?: readonly string[] | null;
  readonly expiresInSeconds?: number;
}

type ApiKeyResult = { readonly kind: "ok"; readonly apiKey: ApiKey } | Refused;
/** The key itself is told this once. */
type ApiKeyMade = { readonly kind: "ok"; readonly apiKey: ApiKey; readonly key: string } | Refused;

/** Only an admin's request may reach these; keys that reach further than the caller look absent. */
export interface ApiKeys {
  readonly create: (caller: Caller, request: ApiKeyRequest) => Promise<ApiKeyMade>;
  /** Newest first. */
  readonly list: (caller: Caller, page: Page) => Promise<ListResult<ApiKey>>;
  readonly get: (caller: Caller, id: string) => Promise<ApiKeyResult>;
  /** The secret until now stays good for the overlap, one before it ends at once. */
  readonly rotate: (caller: Caller, id: string, overlapSeconds: number) => Promise<ApiKeyMade>;
  readonly revoke: (caller: Caller, id: string) => Promise<{ readonly kind: "ok" } | Refused>;
}

/** Who holds an API key, as the caller sent it; null for none that is good. */
export type KeyHolder = (key: string) => Promise<Caller | null>;
