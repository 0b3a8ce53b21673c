/** What one transition of ours writes, read from the tables themselves: rows that came, went and changed, column by column. */

import pg from "pg";
import { z } from "zod";

export interface Column {
  readonly name: string;
  /** As SQL writes it, for a cast. */
  readonly type: string;
  /** The database gives its value. */
  readonly isGenerated: boolean;
  readonly isKey: boolean;
}

export interface Table {
  readonly name: string;
  /** The column that says whose row it is. */
  readonly owner: string;
  readonly columns: readonly Column[];
}

/** Values as Postgres writes them in text; null is null. */
export type Row = { readonly [column: string]: string | null };

export interface Written {
  readonly table: Table;
  readonly kind: "insert" | "update" | "delete";
  /** The row, without what the database gives by itself. */
  readonly row: Row;
  /** Columns that are not as they were. */
  readonly changed: readonly string[];
}

export interface OrderRows {
  /** @returns what the work wrote for the order */
  readonly written: (orderId: string, work: () => Promise<void>) => Promise<readonly Written[]>;
  readonly close: () => Promise<void>;
}

/** Sees `orders`, and every table with a column `order_id` or `order_ids`. */
export async function watchOrderRows(databaseUrl: string): Promise<OrderRows> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const tables = await tablesOf(client);
  const rows = async (orderId: string): Promise<readonly (readonly Row[])[]> => {
    const all: (readonly Row[])[] = [];
    for (const table of tables) all.push(await rowsOf(client, table, orderId));
    return all;
  };
  return {
    written: async (orderId, work) => {
      const before = await rows(orderId);
      await work();
      const after = await rows(orderId);
      return tables.flatMap((table, place) => [
        ...difference(table, before[place] ?? [], after[place] ?? []),
      ]);
    },
    close: () => client.end(),
  };
}

const columnRow = z.object({
  ...{ table: z.string(), name: z.string(), type: z.string() },
  ...{ isGenerated: z.boolean(), isKey: z.boolean() },
});

async function tablesOf(client: pg.Client): Promise<readonly Table[]> {
  const { rows } = await client.query(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
      a.attidentity <> '' or a.attgenerated <> '' as "isGenerated",
      exists (select from pg_index i
        where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey)) as "isKey"
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`);
  const columns = z.array(columnRow).parse(rows);
  return [...Map.groupBy(columns, ({ table }) => table)].flatMap(([name, columns]) => {
    const owners = name === "orders" ? ["id"] : ["order_id", MANY];
    const owner = owners.find((each) => columns.some((column) => column.name === each));
    return owner === undefined ? [] : { name, owner, columns };
  });
}

/** A row of several orders. */
const MANY = "order_ids";

async function rowsOf(client: pg.Client, table: Table, orderId: string): Promise<readonly Row[]> {
  const texts = table.columns.map(({ name }) => `${pg.escapeIdentifier(name)}::text`);
  const isOwn = table.owner === MANY ? `$1 = any(${MANY})` : `${table.owner} = $1`;
  const { rows } = await client.query<(string | null)[]>({
    text: `select ${texts.join(", ")} from ${table.name} where ${isOwn}`,
    values: [orderId],
    rowMode: "array",
  });
  return rows.map((values) =>
    Object.fromEntries(table.columns.map(({ name }, place) => [name, values[place] ?? null])),
  );
}

function difference(
  table: Table,
  before: readonly Row[],
  after: readonly Row[],
): readonly Written[] {
  const keys = table.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  const keyOf = (row: Row): string => JSON.stringify(keys.map((name) => row[name]));
  const old = new Map(before.map((row) => [keyOf(row), row]));
  const isNew = new Set(after.map(keyOf));
  const given = table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  const written = (kind: Written["kind"], row: Row, changed: readonly string[]): Written => ({
    ...{ table, kind, changed },
    row: Object.fromEntries(given.map((name) => [name, row[name] ?? null])),
  });
  return [
    ...before.filter((row) => !isNew.has(keyOf(row))).map((row) => written("delete", row, given)),
    ...after.flatMap((row) => {
      const past = old.get(keyOf(row));
      if (past === undefined) return written("insert", row, given);
      const changed = given.filter((name) => past[name] !== row[name]);
      return changed.length === 0 ? [] : written("update", row, changed);
    }),
  ];
}
