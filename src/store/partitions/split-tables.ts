/** Which tables may lie in partitions, by which column, and how each of them lies at the moment. */

import { sql } from "kysely";

import type { Db } from "../database.ts";
import { placements } from "../distribute.ts";

export interface SplitTable {
  readonly name: string;
  /** Holds the order's id. */
  readonly column: string;
  /** 1: it is one table. */
  readonly parts: number;
  /** With indexes. */
  readonly bytes: number;
  /** As the database last counted them. */
  readonly rows: number;
}

/** The archive lies in partitions by month already. */
const BY_MONTH: ReadonlySet<string> = new Set(["archived_orders", "archived_entries"]);

/** Those that Citus would spread by the order's id: the same law of keys holds for both. */
const COLUMNS: ReadonlyMap<string, string> = new Map(
  Object.entries(placements).flatMap(([table, placement]) =>
    placement.kind === "order" && !BY_MONTH.has(table) ? [[table, placement.column]] : [],
  ),
);

/** The largest last: what is small shows soon whether all goes well. @throws when one is partitioned in another way */
export async function splitTables(db: Db): Promise<readonly SplitTable[]> {
  const { rows } = await sql<Omit<SplitTable, "column"> & { readonly strategy: string | null }>`
    select relname::text as name, partstrat::text as strategy, count(leaf)::integer as parts,
      coalesce(sum(pg_total_relation_size(leaf)), 0)::float8 as bytes,
      coalesce(sum((select greatest(reltuples, 0) from pg_class where oid = leaf)), 0)::float8 as rows
    from pg_class left join pg_partitioned_table on partrelid = pg_class.oid
      left join lateral (
        select inhrelid as leaf from pg_inherits where inhparent = pg_class.oid
        union all select pg_class.oid where relkind = 'r'
      ) as leaves on true
    where relnamespace = current_schema()::regnamespace and relname = any(${[...COLUMNS.keys()]})
    group by relname, partstrat order by bytes, relname`.execute(db);
  return rows.map(({ strategy, ...table }) => {
    if (strategy !== null && strategy !== "h") {
      throw new Error(`expected ${table.name} in partitions by hash, found another way`);
    }
    return { ...table, column: COLUMNS.get(table.name) ?? "order_id" };
  });
}
