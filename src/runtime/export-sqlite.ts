/** Exports histories as an OCEL 2.0 database: SQLite, for tools that ask questions in SQL. */

import type { DatabaseSync } from "node:sqlite";
import { createOcelOrders } from "../audit/export/ocel-events.ts";
import { createOcelSqlite } from "../audit/export/ocel-sqlite.ts";
import type { OrderPeriod } from "../store/contracts/order-walk.ts";
import type { Scope } from "../store/store.ts";
import type { ExportProgress } from "./export-text.ts";
import { exportedHistories, type ExportReading } from "./exported-histories.ts";

/**
 * @param database new and empty; it holds all or nothing
 * @throws as `exportText`
 */
export async function exportSqlite(
  reading: ExportReading,
  database: DatabaseSync,
  period: OrderPeriod,
  scope: Scope,
  told: (progress: ExportProgress) => void,
): Promise<void> {
  const ocel = createOcelOrders();
  const written = createOcelSqlite(database);
  let orders = 0;
  let entries = 0;
  for await (const { order, pages } of exportedHistories(reading, period, scope)) {
    const own = ocel(order);
    for await (const page of pages()) {
      for (const entry of page) written.event(own.event(entry, entry.vocabulary));
      entries += page.length;
    }
    for (const object of own.objects()) written.object(object);
    orders += 1;
    told({ orders, entries });
  }
  written.end();
}
