/** What the store promises about API keys: only hashes of their secrets are kept, and a revoked key is gone for good. */

import type { EpochMs, Page, Scope } from "../store.ts";

export interface NewApiKey {
  readonly id: string;
  /** What it is for, in its maker's words. */
  readonly name: string;
  readonly roles: readonly string[];
  /** Null: all. */
  readonly centres: readonly string[] | null;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly createdBy: string;
  /** Null: it does not end by itself. */
  readonly expiresInMs: number | null;
}

export interface StoredApiKey extends Omit<NewApiKey, "secretHash" | "expiresInMs"> {
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly rotatedAt: EpochMs | null;
  /** Until then the secret before the last rotation is good too. */
  readonly previousUntil: EpochMs | null;
  readonly lastUsedAt: EpochMs | null;
}

/** A key at the moment of its use. */
export interface ApiKeyHolder {
  readonly roles: readonly string[];
  readonly centres: readonly string[] | null;
  /** Of the secrets that are good now. */
  readonly hashes: readonly string[];
  /** When the first of them, or the key itself, ends; null: no end is known. */
  readonly endsInMs: number | null;
}

/**
 * A scope reaches the keys that reach nothing beyond it; of the others, and of revoked ones, it sees nothing. Instants
 * are the database's.
 */
export interface ApiKeys {
  readonly create: (key: NewApiKey) => Promise<StoredApiKey>;
  readonly get: (id: string, scope: Scope) => Promise<StoredApiKey | null>;
  /** Newest first, also those that have expired. */
  readonly list: (
    page: { readonly limit: number; readonly cursor?: string },
    scope: Scope,
  ) => Promise<Page<StoredApiKey>>;
  /** The present secret stays good for the overlap; the one before it ends at once. */
  readonly rotate: (
    id: string,
    change: { readonly secretHash: string; readonly overlapMs: number },
    scope: Scope,
  ) => Promise<StoredApiKey | null>;
  /** @returns false when there was none */
  readonly revoke: (id: string, by: string, scope: Scope) => Promise<boolean>;
  /** Notes the use, to the minute. @returns null for a key that is unknown, revoked or expired */
  readonly use: (id: string) => Promise<ApiKeyHolder | null>;
}
