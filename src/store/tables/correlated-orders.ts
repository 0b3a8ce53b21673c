/** Finds the open orders that a message is meant for: by business key through its index, by fields in the snapshots. */

import { sql, type RawBuilder } from "kysely";

import { isJsonObject, type Json } from "../../../machines/json.ts";
import { visible, type Context } from "../context.ts";
import type { CorrelatedField, FoundOrders, OrderSearch } from "../contracts/messages.ts";
import type { Scope, StoredOrder } from "../store.ts";
import { changedSince } from "./orders.ts";
import { keepCheckpoints, wholeOrders } from "./snapshots.ts";

/** @throws {OrderDamaged} when one with the very business key is; among those told by fields alone it is left out */
export async function correlatedOrders(
  context: Context,
  search: OrderSearch,
  scope: Scope,
): Promise<FoundOrders> {
  const { db } = context;
  const { correlation, digests, since, after, limit } = search;
  const { businessKey, fields } = correlation;
  let query = db
    .selectFrom("orders")
    .leftJoin("snapshots as kept", (join) =>
      join.onRef("kept.order_id", "=", "orders.id").onRef("kept.revision", "=", "orders.revision"),
    )
    .selectAll("orders")
    .select(sql<boolean>`${TEXT} is null`.as("is_behind"))
    .where("status", "<>", "done")
    .where(sql<boolean>`orders.digest = any(${[...digests]}::text[])`)
    .where("id", ">", after)
    .where(visible(scope));
  if (businessKey !== null) query = query.where("business_key", "=", businessKey);
  if (since !== null) query = query.where(changedSince(since));
  // What no text stands for is judged after it was rebuilt.
  for (const field of fields)
    query = query.where(sql<boolean>`(${TEXT} is null or ${holds(field)})`);
  const rows = await query.orderBy("id").limit(limit).execute();
  const { orders: found, damaged } = await wholeOrders(context, rows);
  // The key names the order that is meant; whether a field does, nobody can tell any more.
  if (businessKey !== null) for (const error of damaged) throw error;
  const behindIds = new Set(rows.filter((row) => row.is_behind).map(({ id }) => id));
  const behind = found.filter(({ id }) => behindIds.has(id));
  // So that the next search finds their texts.
  await keepCheckpoints(context, behind);
  const orders = found.filter(
    (order) => !behindIds.has(order.id) || fields.every((field) => isIn(order, field)),
  );
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { items: orders, next: last?.id ?? null };
}

/** The order's snapshot as it stands now; null: it is to be rebuilt. */
const TEXT = sql`coalesce(orders.snapshot, kept.text)`;

/**
 * Whether the snapshot holds the value at the path. Reading a snapshot's JSON costs fifty times as much as looking for
 * the text of key and value in it, as `snapshotText` writes them, so that goes first.
 */
function holds({ path, value }: CorrelatedField): RawBuilder<boolean> {
  const written = `${JSON.stringify(path.at(-1))}:${JSON.stringify(value)}`;
  const at = sql`${TEXT}::json #> ${["data", ...path]}::text[]`;
  return sql<boolean>`case when strpos(${TEXT}, ${written}) = 0 then false
    else coalesce((${at})::text = ${JSON.stringify(value)}, false) end`;
}

function isIn({ snapshot }: StoredOrder, { path, value }: CorrelatedField): boolean {
  let at: Json | undefined = snapshot.value().data;
  for (const key of path) at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at === value;
}
