/**
 * Fills a database with copies of orders that the product wrote, row by row in every table that knows them, under ids of
 * their own: a million orders with all their histories in minutes. A copy goes on like any order; its past names the order
 * that it was copied from, so that it does not verify.
 */

import pg from "pg";
import { systemClock, systemRandom } from "../../../src/runtime/platform.ts";
import { uuidv7 } from "../../../src/runtime/ids.ts";
import { progress } from "./rounds.ts";

export interface Copying {
  readonly databaseUrl: string;
  readonly models: readonly string[];
  readonly count: number;
}

/** So many in one statement. */
const STRIDE = 5_000;
/** The feed numbers them anew; what waits for its number, and answers under keys, are of the models alone. */
const NOT_COPIED: ReadonlySet<string> = new Set(["feed_pending", "feed_batches", "idempotency"]);

interface Table {
  readonly name: string;
  /** What identifies the order. */
  readonly key: string;
  readonly columns: readonly string[];
}

/** @returns the copies' ids. Statistics are up to date afterwards, and nothing waits to be written. */
export async function copyOrders({
  databaseUrl,
  models,
  count,
}: Copying): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await tablesOf(client);
    await client.query("create temporary table copies (model text, id text)");
    const ids: string[] = [];
    while (ids.length < count) {
      const stride = Math.min(STRIDE, count - ids.length);
      const made = Array.from({ length: stride }, () => newId());
      const of = made.map((_, index) => models[index % models.length] ?? "");
      await client.query("truncate copies");
      await client.query("insert into copies select * from unnest($1::text[], $2::text[])", [
        of,
        made,
      ]);
      for (const table of tables) await client.query(copying(table));
      ids.push(...made);
      progress(`${ids.length} of ${count} orders are copied`);
    }
    await client.query("vacuum analyze");
    await client.query("checkpoint");
    return ids;
  } finally {
    await client.end();
  }
}

function newId(): string {
  return uuidv7({ clock: systemClock, random: systemRandom });
}

function copying({ name, key, columns }: Table): string {
  const place = "(select max(position) from feed) + row_number() over ()";
  const values = columns.map((column) => {
    if (column === key) return "copies.id";
    return name === "feed" && column === "position" ? place : `original.${quoted(column)}`;
  });
  return `insert into ${quoted(name)} (${columns.map(quoted).join()})
    select ${values.join()} from copies join ${quoted(name)} as original on original.${quoted(key)} = copies.model`;
}

async function tablesOf(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query<{ readonly name: string; readonly columns: string[] }>(`
    select class.relname::text as name, array_agg(attribute.attname::text order by attribute.attnum) as columns
    from pg_class as class
    join pg_attribute as attribute on attribute.attrelid = class.oid
      and attribute.attnum > 0 and not attribute.attisdropped
      and attribute.attidentity = '' and attribute.attgenerated = ''
    where class.relnamespace = 'public'::regnamespace
      and class.relkind in ('r', 'p') and not class.relispartition
    group by class.relname`);
  return rows.flatMap(({ name, columns }) => {
    if (name === "orders") return [{ name, key: "id", columns }];
    const isOfOrders = columns.includes("order_id") && !NOT_COPIED.has(name);
    return isOfOrders ? [{ name, key: "order_id", columns }] : [];
  });
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}
