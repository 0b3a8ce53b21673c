/** Finds the open orders that a message is meant for: by business key through its index, by fields in the snapshots. */

import { sql, type RawBuilder } from "kysely";

import { isJsonObject, type Json } from "../../../machines/json.ts";
import { visible, type Context } from "../context.ts";
import type { CorrelatedField, FoundOrders, OrderSearch } from "../contracts/messages.ts";
import { parseObject } from "../json-text.ts";
import type { Scope, StoredOrder } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { storedOrder } from "./orders.ts";

export async function correlatedOrders(
  context: Context,
  search: OrderSearch,
  scope: Scope,
): Promise<FoundOrders> {
  const { db, ports } = context;
  const { correlation, digests, since, after, limit } = search;
  const { businessKey, fields } = correlation;
  let query = db
    .selectFrom("orders")
    .selectAll()
    .where("status", "<>", "done")
    .where(sql<boolean>`digest = any(${[...digests]}::text[])`)
    .where("id", ">", after)
    .where(visible(scope));
  if (businessKey !== null) query = query.where("business_key", "=", businessKey);
  if (since !== null) {
    query = query.where(sql<boolean>`updated_at >= ${timestamp(since)}::timestamptz`);
  }
  // A snapshot that was forgotten is judged after it was rebuilt.
  for (const field of fields)
    query = query.where(sql<boolean>`(snapshot is null or ${holds(field)})`);
  const rows = await query.orderBy("id").limit(limit).execute();
  const orders: StoredOrder[] = [];
  for (const row of rows) {
    const order = await storedOrder(db, ports, row);
    if (row.snapshot === null) await remember(context, order);
    if (row.snapshot !== null || fields.every((field) => isIn(order, field))) orders.push(order);
  }
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { items: orders, next: last?.id ?? null };
}

/**
 * Whether the snapshot holds the value at the path. Reading a snapshot's JSON costs fifty times as much as looking for
 * the text of key and value in it, as `snapshotText` writes them, so that goes first.
 */
function holds({ path, value }: CorrelatedField): RawBuilder<boolean> {
  const written = `${JSON.stringify(path.at(-1))}:${JSON.stringify(value)}`;
  const at = sql`snapshot::json #> ${["data", ...path]}::text[]`;
  return sql<boolean>`case when strpos(snapshot, ${written}) = 0 then false
    else coalesce((${at})::text = ${JSON.stringify(value)}, false) end`;
}

function isIn({ snapshot }: StoredOrder, { path, value }: CorrelatedField): boolean {
  let at: Json | undefined = parseObject(snapshot)["data"];
  for (const key of path) at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at === value;
}

/** So that the next search does not rebuild it again. An order that moved on meanwhile has a snapshot of its own. */
async function remember({ db }: Context, { id, revision, snapshot }: StoredOrder): Promise<void> {
  await db
    .updateTable("orders")
    .set({ snapshot })
    .where("id", "=", id)
    .where("revision", "=", revision)
    .where("snapshot", "is", null)
    .execute();
}
