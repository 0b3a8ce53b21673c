/** Lists open jobs, newest first, with what their orders are. */

import { sql } from "kysely";

import { visible, type Context } from "../context.ts";
import type { JobFilter, OrderedJob } from "../contracts/jobs.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { Page, Scope } from "../store.ts";
import { isRunning, jobOf, jobOrderOf, ORDER_COLUMNS, type OrderedRow } from "./job-row.ts";

export async function listJobs(
  context: Context,
  filter: JobFilter,
  scope: Scope,
): Promise<Page<OrderedJob>> {
  const { type, state, orderId, process, without = [] } = filter;
  const running = isRunning(context);
  const conditions = [
    visible(scope, "orders.centre"),
    behind(NEWEST, filter),
    sql<boolean>`type <> all(${[...without]}::text[])`,
    ...(type === undefined ? [] : [sql<boolean>`type = ${type}`]),
    ...(orderId === undefined ? [] : [sql<boolean>`order_id = ${orderId}`]),
    ...(process === undefined ? [] : [sql<boolean>`orders.process = ${process}`]),
    ...(state === "incident" ? [sql<boolean>`stuck`] : []),
    ...(state === "leased" ? [sql<boolean>`not stuck and ${running}`] : []),
    ...(state === "open" ? [sql<boolean>`not stuck and not ${running}`] : []),
  ];
  const { rows } = await sql<OrderedRow & { readonly leased: boolean }>`
    select jobs.*, ${running} as leased, ${ORDER_COLUMNS}
    from jobs join orders on orders.id = jobs.order_id
    where ${sql.join(conditions, sql` and `)}
    order by ${sorted(NEWEST)}
    limit ${rowsWanted(filter)}`.execute(context.db);
  const page = pageOf(NEWEST, filter, rows, (row) => [row.opened_at, row.order_id, row.id]);
  const items = page.items.map((row) => ({ ...jobOf(row, row.leased), order: jobOrderOf(row) }));
  return { ...page, items };
}

const NEWEST: Keyset = {
  list: "jobs",
  columns: [
    ["opened_at", "instant"],
    ["order_id", "text"],
    ["jobs.id", "text"],
  ],
  direction: "desc",
};
