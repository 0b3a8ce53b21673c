/** Reads the orders of many tasks at once, what is known of the tasks' keys, and what the database's clock says. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { EpochMs, StoredOrder } from "../store.ts";
import { lookUp } from "../tables/idempotency.ts";
import type { OrderRow } from "../tables/orders.ts";
import { storedOrders } from "../tables/snapshots.ts";
import type { Loaded, Task } from "./lanes.ts";

type Wanted = Pick<Task, "orderId" | "key">;

interface FoundRow extends OrderRow {
  /** With the first row only. */
  readonly now: EpochMs | null;
  /** The checkpoint's, where the order stands at it. */
  readonly text: string | null;
  /** Revision of its checkpoint. */
  readonly kept: number | null;
  readonly wanted: string;
  readonly is_archived: boolean;
}

/** @param tasks at most one per order */
export async function loadOrders(
  context: Context,
  tasks: readonly Wanted[],
): Promise<ReadonlyMap<string, Loaded>> {
  const ids = tasks.map(({ orderId }) => orderId);
  const { rows } = await sql<FoundRow>`
    select case when wanted.place = 1 then clock_timestamp() end as now, snapshots.revision as kept,
      case when snapshots.hash = orders.last_hash then snapshots.text end as text,
      archive_places.order_id is not null as is_archived, wanted.id as wanted, orders.*
    from unnest(${ids}::text[]) with ordinality as wanted (id, place)
    left join orders on orders.id = wanted.id
    left join snapshots on snapshots.order_id = wanted.id
    left join archive_places on archive_places.order_id = wanted.id`.execute(context.db);
  for (const { now } of rows) if (now !== null) context.onClock?.(now);
  const archived = new Set(rows.flatMap((row) => (row.is_archived ? [row.wanted] : [])));
  // At its checkpoint an order needs no second look; a sleeping one, whose timer is due, mostly is.
  const found = rows
    .filter(({ id }) => id !== null)
    .map((row) => ({ ...row, snapshot: row.snapshot ?? row.text }));
  const keys = tasks.flatMap(({ key }) => (key === null ? [] : [key]));
  // After the orders' rows: a key that is not known yet was not known when its order was read either.
  const [orders, settled] = await Promise.all([
    storedOrders(context, found),
    lookUp(context, keys),
  ]);
  const byId = new Map(orders.map((order, index) => [order.id, loadedOf(order, found[index])]));
  return new Map(
    tasks.map(({ orderId, key }) => {
      const known = (key === null ? undefined : settled.get(key)) ?? null;
      const loaded = byId.get(orderId) ?? { ...ABSENT, isOdd: archived.has(orderId) };
      return [orderId, { ...loaded, settled: known }];
    }),
  );
}

const ABSENT = { order: null, checkpoint: 0 } as const;

function loadedOf(order: StoredOrder, row: FoundRow | undefined): Omit<Loaded, "settled"> {
  const isProjected = row?.projected === order.revision;
  const isOdd = order.status === "incident" || order.testClock !== null || !isProjected;
  return { order, checkpoint: row?.kept ?? 0, isOdd };
}
