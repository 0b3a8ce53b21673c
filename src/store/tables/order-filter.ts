/** What a filter of orders asks of an order's own columns: the same for those that live and those in the archive. */

import { sql, type RawBuilder } from "kysely";

import { equalsName } from "../context.ts";
import type { OrderFilter } from "../store.ts";

/** Status and overdue are told by other columns, and tables. */
export function equalTo(filter: OrderFilter): RawBuilder<boolean> {
  const { process, version, step, centre, businessKey, tag } = filter;
  const equal = Object.entries({ process, version, centre, business_key: businessKey });
  const conditions = equal.flatMap(([column, value]) =>
    value === undefined ? [] : [sql<boolean>`${sql.ref(column)} = ${value}`],
  );
  if (step !== undefined) conditions.push(equalsName("step", step));
  if (tag !== undefined) conditions.push(sql<boolean>`tags @> array[${tag}]::text[]`);
  return conditions.length === 0
    ? sql<boolean>`true`
    : sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}
