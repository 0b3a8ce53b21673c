/** Table `messages`: what came from outside before an order waited for it; the payload goes when the message ends. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import { isJsonArray, isJsonObject } from "../../../machines/json.ts";
import { fromNow, type Context } from "../context.ts";
import type {
  CorrelatedField,
  Correlation,
  Lane,
  Message,
  MessageFilter,
  MessageReader,
  Messages,
  MessageState,
  NewMessage,
  WaitingMessage,
} from "../contracts/messages.ts";
import type { TimestampColumn } from "../database.ts";
import { parseObject } from "../json-text.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { EpochMs, Page } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { correlatedOrders } from "./correlated-orders.ts";
import { changedSince } from "./orders.ts";

export interface MessagesTable {
  readonly id: string;
  readonly name: string;
  /** JSON text of the `Correlation`. */
  readonly correlation: string;
  readonly lane: string;
  /** Out of the correlation, for the search by index. */
  readonly business_key: string | null;
  /** Sealed; null once the message has ended. */
  readonly payload: string | null;
  readonly sub: string;
  readonly roles: readonly string[];
  readonly centres: readonly string[] | null;
  readonly state: MessageState;
  readonly created_at: TimestampColumn;
  readonly expires_at: TimestampColumn;
  readonly ended_at: TimestampColumn | null;
  readonly order_id: string | null;
  readonly revision: number | null;
  readonly code: string | null;
}

type MessageRow = Selectable<MessagesTable>;

const NEWEST: Keyset = {
  list: "messages",
  columns: [
    ["created_at", "instant"],
    ["id", "text"],
  ],
  direction: "desc",
};

export function messagesOn(context: Context): Omit<Messages, "deliver"> {
  const { db } = context;
  const get: Messages["get"] = async (id, reader) => {
    const query = db.selectFrom("messages").selectAll().where("id", "=", id);
    const row = await query.where(readable(reader)).executeTakeFirst();
    return row === undefined ? null : messageOf(row);
  };
  return {
    keep: (message, max) => keep(context, message, max),
    get,
    list: (filter, reader) => list(context, filter, reader),
    withdraw: async (id, reader) => {
      await ending(context, "withdrawn").where("id", "=", id).where(readable(reader)).execute();
      return get(id, reader);
    },
    lanes: (since, page) => lanes(context, since, page),
    anyKept: async () => {
      const query = db.selectFrom("messages").select("id").where("state", "=", "kept");
      return (await query.limit(1).executeTakeFirst()) !== undefined;
    },
    waiting: (lane, page) => waiting(context, lane, page),
    refuse: async (id, orderId, code) => {
      await ending(context, "refused")
        .set({ order_id: orderId, code })
        .where("id", "=", id)
        .execute();
    },
    expire: (limit) => expire(context, limit),
    forget: (olderThanMs, limit) => forget(context, olderThanMs, limit),
    orders: (search, scope) => correlatedOrders(context, search, scope),
  };
}

/** Locks a kept message until the transaction's end. @returns false when it is no longer kept, or its time is over */
export async function takeMessage(context: Context, id: string): Promise<boolean> {
  // The clock stands outside the locking CTE: it is read when the lock is there.
  const { rows } = await sql<{ readonly alive: boolean }>`
    with taken as materialized (
      select expires_at from messages where id = ${id} and state = 'kept' for update
    )
    select expires_at > ${context.instant()} as alive from taken`.execute(context.db);
  return rows[0]?.alive === true;
}

/** Needs the message's lock. */
export async function messageDelivered(
  context: Context,
  id: string,
  orderId: string,
  revision: number,
): Promise<void> {
  await ending(context, "delivered")
    .set({ order_id: orderId, revision })
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirstOrThrow();
}

function ending({ db, instant }: Context, state: Exclude<MessageState, "kept">) {
  return db
    .updateTable("messages")
    .set({ state, payload: null, ended_at: sql<string>`${instant()}` })
    .where("state", "=", "kept");
}

/** Kept messages to these business keys, whoever sent them. */
export async function withdrawOf(context: Context, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await ending(context, "withdrawn")
    .where(sql<boolean>`business_key = any(${[...keys]}::text[])`)
    .execute();
}

/** The same of lanes. */
export async function withdrawIn(context: Context, lanes: readonly string[]): Promise<void> {
  if (lanes.length === 0) return;
  await ending(context, "withdrawn")
    .where(sql<boolean>`lane = any(${[...lanes]}::text[])`)
    .execute();
}

async function keep(context: Context, message: NewMessage, max: number): Promise<Message | null> {
  const { id, name, correlation, lane, payload, sender, ttlMs } = message;
  const { sub, roles, centres } = sender;
  const { rows } = await sql<MessageRow>`
    insert into messages
      (id, name, correlation, lane, business_key, payload, sub, roles, centres, state, created_at, expires_at)
    select ${id}, ${name}, ${JSON.stringify(correlation)}, ${lane}, ${correlation.businessKey}, ${payload},
      ${sub}, ${[...roles]}::text[], ${centres === null ? null : [...centres]}::text[], 'kept',
      at, at + ${ttlMs}::float8 * interval '1 millisecond'
    from (select date_trunc('milliseconds', ${context.instant()}) as at) as clock
    where (select count(*) from (
      select 1 from messages where sub = ${sub} and state = 'kept' limit ${max}
    ) as others) < ${max}
    returning *`.execute(context.db);
  const [row] = rows;
  return row === undefined ? null : messageOf(row);
}

async function list(
  { db }: Context,
  filter: MessageFilter,
  reader: MessageReader,
): Promise<Page<Message>> {
  const { state } = filter;
  let query = db.selectFrom("messages").selectAll().where(readable(reader));
  if (state !== undefined) query = query.where("state", "=", state);
  const rows = await query
    .where(behind(NEWEST, filter))
    .orderBy(sorted(NEWEST))
    .limit(rowsWanted(filter))
    .execute();
  const page = pageOf(NEWEST, filter, rows, ({ created_at, id }) => [created_at, id]);
  return { ...page, items: page.items.map(messageOf) };
}

async function lanes(
  { db, instant }: Context,
  since: EpochMs | null,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly Lane[]> {
  const alive = db
    .selectFrom("messages")
    .select(["lane", "name", "correlation", "sub", "roles", "centres"])
    .where("state", "=", "kept")
    .where("lane", ">", after)
    .where(sql<boolean>`expires_at > ${instant()}`);
  // From the few orders that changed to their messages: to ask of each message whether its order did takes seconds.
  const changed = sql<string>`(select business_key from orders
    where ${changedSince(since ?? 0)} and status <> 'done' and business_key is not null)`;
  const wanted =
    since === null
      ? alive
      : alive
          .where("business_key", "is", null)
          .unionAll(alive.where("business_key", "in", changed));
  const rows = await db
    .selectFrom(wanted.as("wanted"))
    .selectAll()
    .distinctOn("lane")
    .orderBy("lane")
    .limit(limit)
    .execute();
  return rows.map(laneOf);
}

async function waiting(
  { db, instant }: Context,
  lane: string,
  { after, limit }: { readonly after: WaitingMessage | null; readonly limit: number },
): Promise<readonly WaitingMessage[]> {
  let query = db
    .selectFrom("messages")
    .select(["id", "created_at", "payload"])
    .where("state", "=", "kept")
    .where("lane", "=", lane)
    .where(sql<boolean>`expires_at > ${instant()}`);
  if (after !== null) {
    query = query.where(
      sql<boolean>`(created_at, id) > (${timestamp(after.createdAt)}::timestamptz, ${after.id})`,
    );
  }
  const rows = await query.orderBy("created_at").orderBy("id").limit(limit).execute();
  return rows.map(({ id, created_at: createdAt, payload }) => ({
    ...{ id, createdAt, payload: payload ?? "" },
  }));
}

async function expire(context: Context, limit: number): Promise<number> {
  const over = context.db
    .selectFrom("messages")
    .select("id")
    .where("state", "=", "kept")
    .where(sql<boolean>`expires_at <= ${context.instant()}`)
    .orderBy("expires_at")
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const rows = await ending(context, "expired").where("id", "in", over).returning("id").execute();
  return rows.length;
}

async function forget(context: Context, olderThanMs: number, limit: number): Promise<number> {
  const { db } = context;
  const old = db
    .selectFrom("messages")
    .select("id")
    .where("state", "<>", "kept")
    .where(sql<boolean>`ended_at < ${fromNow(context, -olderThanMs)}`)
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const rows = await db.deleteFrom("messages").where("id", "in", old).returning("id").execute();
  return rows.length;
}

/** A sender that reached everything is seen by readers who do. */
function readable({ sub, others }: MessageReader): RawBuilder<boolean> {
  if (others === null) return sql<boolean>`sub = ${sub}`;
  if (others.centres === "*") return sql<boolean>`true`;
  return sql<boolean>`(sub = ${sub} or (centres <@ ${[...others.centres]}::text[] and centres <> '{}'))`;
}

function laneOf(
  row: Pick<MessageRow, "lane" | "name" | "correlation" | "sub" | "roles" | "centres">,
): Lane {
  const { lane, name, correlation, sub, roles, centres } = row;
  return { lane, name, correlation: correlationOf(correlation), sender: { sub, roles, centres } };
}

function messageOf(row: MessageRow): Message {
  const { id, state, revision, code } = row;
  return {
    ...laneOf(row),
    ...{ id, state, createdAt: row.created_at, expiresAt: row.expires_at, endedAt: row.ended_at },
    ...{ orderId: row.order_id, revision, code },
  };
}

/** @throws when the text is none that the store wrote */
function correlationOf(text: string): Correlation {
  const { businessKey, fields } = parseObject(text);
  if (isJsonArray(fields) && (businessKey === null || typeof businessKey === "string")) {
    return { businessKey, fields: fields.map(fieldOf) };
  }
  throw new Error(`expected a correlation, found ${text}`);
}

function fieldOf(field: unknown): CorrelatedField {
  const { path, value } = isJsonObject(field) ? field : {};
  if (isJsonArray(path) && path.every((key) => typeof key === "string")) {
    const [first, ...others] = path;
    const isScalar =
      typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (first !== undefined && isScalar) return { path: [first, ...others], value };
  }
  throw new Error(`expected a correlated field, found ${JSON.stringify(field)}`);
}
