/** Table `api_keys`: what a system may do with its key; of the key itself only hashes stand here. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import { fromNow, type Context } from "../context.ts";
import type { ApiKeyHolder, ApiKeys, NewApiKey, StoredApiKey } from "../contracts/api-keys.ts";
import type { TimestampColumn } from "../database.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { EpochMs, Page, Scope } from "../store.ts";

export interface ApiKeysTable {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** Null: all. */
  readonly centres: readonly string[] | null;
  readonly secret_hash: string;
  readonly previous_hash: string | null;
  readonly previous_until: TimestampColumn | null;
  readonly created_by: string;
  readonly created_at: TimestampColumn;
  readonly expires_at: TimestampColumn | null;
  readonly rotated_at: TimestampColumn | null;
  readonly last_used_at: TimestampColumn | null;
  readonly revoked_at: TimestampColumn | null;
  readonly revoked_by: string | null;
}

type Row = Selectable<ApiKeysTable>;

/** `last_used_at` is no older than the last use by this: a busy key must not write with every request. */
const USE_RESOLUTION_MS = 60_000;

const NEWEST: Keyset = {
  list: "api-keys",
  columns: [
    ["created_at", "instant"],
    ["id", "text"],
  ],
  direction: "desc",
};

export function apiKeysOn(context: Context): ApiKeys {
  return {
    create: (key) => create(context, key),
    get: async (id, scope) => {
      const row = await living(context, scope).where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : keyOf(row);
    },
    list: (request, scope) => list(context, request, scope),
    rotate: async (id, { secretHash, overlapMs }, scope) => {
      const row = await changing(context, id, scope)
        .set({
          previous_hash: sql<string>`secret_hash`,
          previous_until: sql<string>`${fromNow(context, overlapMs)}`,
          secret_hash: secretHash,
          rotated_at: sql<string>`${context.instant()}`,
        })
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? null : keyOf(row);
    },
    revoke: async (id, by, scope) => {
      const row = await changing(context, id, scope)
        .set({ revoked_at: sql<string>`${context.instant()}`, revoked_by: by })
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },
    use: (id) => use(context, id),
  };
}

async function create(context: Context, key: NewApiKey): Promise<StoredApiKey> {
  const { id, name, roles, centres, secretHash, createdBy, expiresInMs } = key;
  const row = await context.db
    .insertInto("api_keys")
    .values({
      ...{ id, name, secret_hash: secretHash, created_by: createdBy },
      roles: textArray(roles),
      centres: centres === null ? null : textArray(centres),
      created_at: sql<string>`${context.instant()}`,
      expires_at: expiresInMs === null ? null : sql<string>`${fromNow(context, expiresInMs)}`,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return keyOf(row);
}

async function list(
  context: Context,
  request: { readonly limit: number; readonly cursor?: string },
  scope: Scope,
): Promise<Page<StoredApiKey>> {
  const rows = await living(context, scope)
    .where(behind(NEWEST, request))
    .orderBy(sorted(NEWEST))
    .limit(rowsWanted(request))
    .execute();
  const page = pageOf(NEWEST, request, rows, ({ created_at: at, id }) => [at, id]);
  return { items: page.items.map(keyOf), nextCursor: page.nextCursor };
}

/** The statement that authenticates: the key by its id, and how long what it says may be relied upon. */
async function use(context: Context, id: string): Promise<ApiKeyHolder | null> {
  const { db } = context;
  const row = await db
    .selectFrom("api_keys")
    .select(["roles", "centres", "secret_hash", "previous_hash"])
    .select([
      msUntil(context, "expires_at").as("expiresIn"),
      msUntil(context, "previous_until").as("previousIn"),
      sql<boolean>`coalesce(last_used_at < ${fromNow(context, -USE_RESOLUTION_MS)}, true)`.as(
        "stale",
      ),
    ])
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (row === undefined || (row.expiresIn !== null && row.expiresIn <= 0)) return null;
  const { roles, centres, expiresIn, stale, secret_hash: present } = row;
  if (stale) await noteUse(context, id);
  const { previous_hash: previous, previousIn } = row;
  if (previous === null || previousIn === null || previousIn <= 0) {
    return { roles, centres, hashes: [present], endsInMs: expiresIn };
  }
  const endsInMs = Math.min(previousIn, expiresIn ?? Infinity);
  return { roles, centres, hashes: [present, previous], endsInMs };
}

/** Of many servers that see the same key, one writes. */
async function noteUse(context: Context, id: string): Promise<void> {
  await context.db
    .updateTable("api_keys")
    .set({ last_used_at: sql<string>`${context.instant()}` })
    .where("id", "=", id)
    .where(sql<boolean>`coalesce(last_used_at < ${fromNow(context, -USE_RESOLUTION_MS)}, true)`)
    .execute();
}

function living({ db }: Context, scope: Scope) {
  return db
    .selectFrom("api_keys")
    .selectAll()
    .where("revoked_at", "is", null)
    .where(reached(scope));
}

function changing({ db }: Context, id: string, scope: Scope) {
  return db
    .updateTable("api_keys")
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .where(reached(scope));
}

/** A key for all centres shows only to whoever reaches all. */
function reached({ centres }: Scope): RawBuilder<boolean> {
  if (centres === "*") return sql<boolean>`true`;
  return sql<boolean>`coalesce(centres <@ ${textArray(centres)}, false)`;
}

function msUntil(context: Context, column: "expires_at" | "previous_until") {
  return sql<EpochMs | null>`
    (extract(epoch from ${sql.ref(column)} - ${context.instant()}) * 1000)::float8`;
}

function textArray(texts: readonly string[]): RawBuilder<string[]> {
  return sql<string[]>`${[...texts]}::text[]`;
}

function keyOf(row: Row): StoredApiKey {
  const { id, name, roles, centres } = row;
  return {
    ...{ id, name, roles, centres, createdBy: row.created_by, createdAt: row.created_at },
    ...{ expiresAt: row.expires_at, rotatedAt: row.rotated_at, lastUsedAt: row.last_used_at },
    previousUntil: row.previous_until,
  };
}
