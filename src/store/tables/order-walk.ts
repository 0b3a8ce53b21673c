/** Walks over all orders by id, in both of their places at once: in one statement each order is found in exactly one. */

import { sql } from "kysely";

import { visible, type Context } from "../context.ts";
import type { OrderPeriod, WalkedOrder, WalkOrders } from "../contracts/order-walk.ts";
import type { EpochMs } from "../store.ts";
import { detached } from "./archive-places.ts";

/** Of an order whose month is not here nothing but its place is known. */
interface Row {
  readonly id: string;
  readonly process: string | null;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly outcome: string | null;
  readonly revision: number | null;
  readonly createdAt: EpochMs | null;
  readonly updatedAt: EpochMs | null;
  /** Null while it lives. */
  readonly closedAt: EpochMs | null;
}

export function walkOrdersOn({ db }: Context): WalkOrders {
  return async (period, { after, limit }, scope) => {
    const { rows } = await sql<Row>`
      with living as (
        select id, process, business_key, centre, outcome, revision, created_at, updated_at,
          null::timestamptz as closed_at
        from orders where id > ${after ?? ""} and ${visible(scope)}
        order by id limit ${limit}::integer
      ), places as (
        select order_id, closed_at, centre from archive_places
        where order_id > ${after ?? ""} and ${visible(scope)}
        order by order_id limit ${limit}::integer
      ), archived as (
        select order_id as id, process, business_key, places.centre, outcome, revision, created_at,
          updated_at, closed_at
        from places left join archived_orders
          on archived_orders.id = order_id and archived_orders.updated_at = closed_at
      )
      select id, process, business_key as "businessKey", centre, outcome, revision,
        created_at as "createdAt", updated_at as "updatedAt", closed_at as "closedAt"
      from (select * from living union all select * from archived) as found
      order by id limit ${limit}::integer`.execute(db);
    const reached = rows.length < limit ? null : (rows.at(-1)?.id ?? null);
    return { orders: rows.flatMap((row) => inPeriod(row, period)), reached };
  };
}

function inPeriod(row: Row, period: OrderPeriod): readonly WalkedOrder[] {
  const { from, to, changedFrom, process, centre } = period;
  const { createdAt, updatedAt, closedAt, process: of, revision, ...order } = row;
  if (centre !== undefined && order.centre !== centre) return [];
  if (createdAt === null || updatedAt === null || of === null || revision === null) {
    // What was closed before the period began before it, too.
    if (closedAt === null || closedAt < Math.max(from ?? -Infinity, changedFrom ?? -Infinity)) {
      return [];
    }
    throw detached({ orderId: order.id, closedAt, centre: order.centre });
  }
  if (process !== undefined && of !== process) return [];
  if (from !== undefined && createdAt < from) return [];
  if (to !== undefined && createdAt >= to) return [];
  if (changedFrom !== undefined && updatedAt < changedFrom) return [];
  return [{ ...order, process: of, revision, updatedAt }];
}
