/**
 * Lays a table into partitions by hash of the order's id, or back into one: in one transaction a table of the same name,
 * columns, keys, indexes and settings takes its place with all of its rows, or nothing has happened.
 */

import { sql, type RawBuilder } from "kysely";

import type { Db } from "../database.ts";
import type { SplitTable } from "./split-tables.ts";
import { definitionOf, type TableDefinition } from "./table-definition.ts";

/** Of a table's blocks, so many are copied. */
export type Copied = (share: number) => void;

/** 64 MB at a time, so that progress shows. */
const BLOCKS = 8_192;

/** @throws the database's error, with the table as it was */
export async function splitTable(
  db: Db,
  { name, column }: Pick<SplitTable, "name" | "column">,
  into: number,
  copied: Copied,
): Promise<void> {
  await db.transaction().execute(async (inner) => {
    await sql`lock table ${sql.table(name)} in access exclusive mode`.execute(inner);
    const definition = await definitionOf(inner, name);
    const before = `${name}_before`;
    await sql`alter table ${sql.table(name)} rename to ${sql.table(before)}`.execute(inner);
    const leaves = await makeTable(inner, { name, column, before, into, definition });
    await copy(inner, name, definition.leaves.map(renamed(name, before)), copied);
    await sql`drop table ${sql.table(before)}`.execute(inner);
    const all = [...definition.statements, ...leaves.flatMap(definition.eachLeaf)];
    for (const statement of all) await statement.execute(inner);
    // Of the whole, nothing else ever gathers statistics: autovacuum looks at each partition for itself. What is known to
    // be empty would be scanned instead of being looked into by its key, for as long as the plan lives.
    const isEmpty = definition.leaves.every(({ blocks }) => blocks === 0);
    if (!isEmpty) await sql`analyze ${sql.table(name)}`.execute(inner);
  });
}

interface NewTable extends Pick<SplitTable, "name" | "column"> {
  readonly before: string;
  readonly into: number;
  readonly definition: TableDefinition;
}

/** Without keys and indexes: they are made when the rows are there, and under names that are free by then. */
async function makeTable(
  db: Db,
  { name, column, before, into, definition }: NewTable,
): Promise<readonly string[]> {
  const settings = definition.options.length === 0 ? "" : `with (${definition.options.join(", ")})`;
  const like = sql`like ${sql.table(before)} including all excluding indexes`;
  if (into === 1) {
    await sql`create table ${sql.table(name)} (${like}) ${sql.raw(settings)}`.execute(db);
    return [name];
  }
  await sql`
    create table ${sql.table(name)} (${like}) partition by hash (${sql.ref(column)})`.execute(db);
  const leaves = Array.from({ length: into }, (_, remainder) => leafName(name, into, remainder));
  for (const [remainder, leaf] of leaves.entries()) {
    await sql`
      create table ${sql.table(leaf)} partition of ${sql.table(name)}
      for values with (modulus ${sql.lit(into)}, remainder ${sql.lit(remainder)})
      ${sql.raw(settings)}`.execute(db);
  }
  return leaves;
}

/** Names both numbers, so that partitions of another count can be made beside these. */
function leafName(name: string, into: number, remainder: number): string {
  return `${name}_p${into}_${String(remainder).padStart(String(into - 1).length, "0")}`;
}

/** A table that held its rows itself was renamed; partitions kept their names. */
function renamed(name: string, before: string) {
  return (leaf: TableDefinition["leaves"][number]) =>
    leaf.name === name ? { ...leaf, name: before } : leaf;
}

async function copy(
  db: Db,
  name: string,
  leaves: TableDefinition["leaves"],
  copied: Copied,
): Promise<void> {
  const all = leaves.reduce((sum, { blocks }) => sum + blocks, 0);
  const columns = await columnsOf(db, name);
  let done = 0;
  for (const leaf of leaves) {
    for (let from = 0; from < leaf.blocks; from += BLOCKS) {
      const until = Math.min(from + BLOCKS, leaf.blocks);
      await sql`
        insert into ${sql.table(name)} (${columns}) select ${columns} from ${sql.table(leaf.name)}
        where ctid >= ${block(from)} and ctid < ${block(until)}`.execute(db);
      done += until - from;
      copied(done / all);
    }
  }
}

/** Less those that the database computes itself. */
async function columnsOf(db: Db, table: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ readonly name: string }>`
    select attname::text as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`.execute(db);
  return sql.join(rows.map(({ name }) => sql.ref(name)));
}

/** Its first place; a scan by such bounds reads these blocks and no others. */
function block(number: number): RawBuilder<unknown> {
  return sql`${`(${number},0)`}::tid`;
}
