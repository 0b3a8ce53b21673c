/** Table `webhooks`: who is told of what; a removed one keeps its row, without address and secrets, until its rest is purged. */

import { sql, type ColumnType, type RawBuilder, type Selectable } from "kysely";

import { only, readClock, type Context } from "../context.ts";
import type {
  DisabledWebhook,
  StoredSecret,
  StoredWebhook,
  WebhookChange,
  Webhooks,
} from "../contracts/webhooks.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset, type PageRequest } from "../keyset.ts";
import type { Page, Scope } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { inTransaction } from "../transaction.ts";

export interface WebhooksTable {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
  readonly roles: readonly string[];
  /** Null: all. */
  readonly centres: readonly string[] | null;
  /** Written as JSON text. */
  readonly secrets: ColumnType<readonly StoredSecret[], string, string>;
  readonly disabled: DisabledWebhook | null;
  readonly created_by: string;
  readonly created_at: TimestampColumn;
  readonly updated_at: TimestampColumn;
  readonly removed_at: TimestampColumn | null;
}

/** The present one and those that still sign beside it; a receiver's header stays short. */
const MOST_SECRETS = 5;

export function webhooksOn(context: Context): Webhooks {
  const { db } = context;
  const visible = (id: string, scope: Scope) =>
    db.selectFrom("webhooks").selectAll().where("id", "=", id).where(shown(scope));
  return {
    create: async (webhook, most) => {
      const { id, url, description, events, roles, centres, createdBy, sealed } = webhook;
      const { rows } = await sql<Selectable<WebhooksTable>>`
        insert into webhooks (id, url, description, events, roles, centres, secrets, created_by, created_at, updated_at)
        select ${id}, ${url}, ${description}, ${[...events]}::text[], ${[...roles]}::text[],
          ${centres === "*" ? null : [...centres]}::text[],
          ${JSON.stringify([{ sealed, validUntil: null }])}::jsonb, ${createdBy}, instant, instant
        from (select date_trunc('milliseconds', ${context.instant()}) as instant) as clock
        where (select count(*) from webhooks where removed_at is null) < ${most}
        returning *`.execute(db);
      const [row] = rows;
      return row === undefined ? null : webhookOf(row);
    },
    get: async (id, scope) => {
      const row = await visible(id, scope).executeTakeFirst();
      return row === undefined ? null : webhookOf(row);
    },
    list: (page, scope) => list(context, page, scope),
    change: (id, change, scope) =>
      inTransaction(context, (inner) => changeWebhook(inner, id, change, scope)),
    rotate: (id, secret, scope) =>
      inTransaction(context, (inner) => rotate(inner, id, secret, scope)),
    remove: async (id, scope) => {
      const row = await db
        .updateTable("webhooks")
        .set({
          ...{ url: "", description: null, secrets: "[]" },
          removed_at: sql<string>`${context.instant()}`,
        })
        .where("id", "=", id)
        .where(shown(scope))
        .returning("id")
        .executeTakeFirst();
      return row !== undefined;
    },
    gone: async (id) => {
      await db
        .updateTable("webhooks")
        .set({ disabled: "gone", updated_at: sql<string>`${context.instant()}` })
        .where("id", "=", id)
        .where("disabled", "is", null)
        .execute();
    },
    any: () => isAnyEnabled(db),
  };
}

export async function isAnyEnabled(db: Db): Promise<boolean> {
  const { rows } = await sql<{ readonly found: boolean }>`
    select ${IS_ANY_ENABLED} as found`.execute(db);
  return only(rows).found;
}

/** Whether anybody is told of anything. */
export const IS_ANY_ENABLED = sql<boolean>`exists (
  select from webhooks where disabled is null and removed_at is null)`;

const NEWEST: Keyset = {
  list: "webhooks",
  columns: [
    ["created_at", "instant"],
    ["id", "text"],
  ],
  direction: "desc",
};

async function list(
  { db }: Context,
  page: PageRequest,
  scope: Scope,
): Promise<Page<StoredWebhook>> {
  const rows = await db
    .selectFrom("webhooks")
    .selectAll()
    .where(shown(scope))
    .where(behind(NEWEST, page))
    .orderBy(sorted(NEWEST))
    .limit(rowsWanted(page))
    .execute();
  const found = pageOf(NEWEST, page, rows, (row) => [row.created_at, row.id]);
  return { ...found, items: found.items.map(webhookOf) };
}

async function changeWebhook(
  context: Context,
  id: string,
  { disabled, ...fields }: WebhookChange,
  scope: Scope,
): Promise<StoredWebhook | null> {
  const { db } = context;
  const row = await db
    .updateTable("webhooks")
    .set({
      ...fields,
      ...(disabled === undefined ? {} : { disabled: disabled ? "requested" : null }),
      updated_at: sql<string>`${context.instant()}`,
    })
    .where("id", "=", id)
    .where(shown(scope))
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  if (disabled === false) {
    await db
      .updateTable("delivery_lanes")
      .set({ next_at: sql<string>`${context.instant()}` })
      .where("webhook_id", "=", id)
      .where("pending", ">", 0)
      .where("lease_token", "is", null)
      .execute();
  }
  return webhookOf(row);
}

async function rotate(
  context: Context,
  id: string,
  { sealed, overlapMs }: { readonly sealed: string; readonly overlapMs: number },
  scope: Scope,
): Promise<StoredWebhook | null> {
  const { db } = context;
  const query = db.selectFrom("webhooks").select("secrets").where("id", "=", id);
  const held = await query.where(shown(scope)).forUpdate().executeTakeFirst();
  if (held === undefined) return null;
  const now = await readClock(context);
  const until = now + overlapMs;
  const older = held.secrets
    .map((secret) => ({ ...secret, validUntil: Math.min(secret.validUntil ?? until, until) }))
    .filter(({ validUntil }) => validUntil > now);
  const secrets = [{ sealed, validUntil: null }, ...older].slice(0, MOST_SECRETS);
  const row = await db
    .updateTable("webhooks")
    .set({ secrets: JSON.stringify(secrets), updated_at: timestamp(now) })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return webhookOf(row);
}

/** Not removed, and of centres that all show. */
function shown({ centres }: Scope): RawBuilder<boolean> {
  if (centres === "*") return sql<boolean>`removed_at is null`;
  return sql<boolean>`removed_at is null and coalesce(centres <@ ${[...centres]}::text[], false)`;
}

function webhookOf(row: Selectable<WebhooksTable>): StoredWebhook {
  const { id, url, description, events, roles, centres, secrets, disabled } = row;
  return {
    ...{ id, url, description, events, roles, centres: centres ?? "*", secrets, disabled },
    ...{ createdBy: row.created_by, createdAt: row.created_at, updatedAt: row.updated_at },
  };
}
