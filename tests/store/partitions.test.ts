/** Tables in partitions by hash of the order's id: what they have in common with those in one piece is everything. */

import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Database } from "../../src/store/database.ts";
import { migrations } from "../../src/store/migrate.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { partition, type PartitionPlan } from "../../src/store/partitions/partition.ts";
import { splitTable } from "../../src/store/partitions/split-table.ts";
import { splitTables } from "../../src/store/partitions/split-tables.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { createDatabase } from "../support/databases.ts";
import { advance, everything, numbers } from "./fixtures.ts";

let created: Awaited<ReturnType<typeof createDatabase>>;
let database: Database;

beforeEach(async () => {
  created = await createDatabase();
  database = openPostgres(created.url);
});
afterEach(async () => {
  await database.close();
  await created.drop();
});

/** Ends all connections to the database. */
async function alone(): Promise<void> {
  await database.close();
  database = openPostgres(created.url);
}

/** Beside whoever is connected: only the command asks for that. */
function layOut(into: number, { migrating }: Database = database): Promise<void> {
  return migrating(async (db) => {
    for (const table of await splitTables(db)) {
      if (table.parts !== into) await splitTable(db, table, into, () => {});
    }
  });
}

async function partsOf(): Promise<readonly number[]> {
  return [...new Set((await splitTables(database.db)).map(({ parts }) => parts))];
}

const silent = { planned: () => {}, copied: () => {}, done: () => {} };

describe("tables in partitions", () => {
  test("have the columns, keys, indexes, references and settings of those in one piece, and back", async () => {
    await storeOn(database).migrate();
    await sql`alter table snapshots set (toast.autovacuum_vacuum_threshold = 7)`.execute(
      database.db,
    );
    await sql`alter table snapshots alter column text set storage external`.execute(database.db);
    await sql`alter table entries alter column line set compression pglz`.execute(database.db);
    await sql`grant select, insert on entries to pg_monitor with grant option`.execute(database.db);
    const whole = await schema(database);
    expect(whole.length).toBeGreaterThan(150);
    for (const into of [4, 3, 1]) {
      await layOut(into);
      expect(await partsOf()).toEqual([into]);
      expect(await schema(database)).toEqual(whole);
    }
  });

  test("hold all rows of each order in one of them, and every row once", async () => {
    const store = storeOn(database);
    await store.migrate();
    for (const number of numbers(60)) {
      await advance(store, `o${number % 20}`, { set: [{ id: `${number}`, dueAt: number }] });
    }
    const before = await rowsOf(database, "entries");
    for (const into of [5, 2, 1]) {
      await layOut(into);
      expect(await rowsOf(database, "entries")).toEqual(before);
      const { rows } = await sql<{ readonly orders: number; readonly places: number }>`
        select count(distinct order_id)::integer as orders, count(distinct (order_id, tableoid))::integer as places
        from entries`.execute(database.db);
      expect(rows).toEqual([{ orders: 20, places: 20 }]);
    }
    await alone();
  });

  test("take migrations that come later, and are then as if they had been there first", async () => {
    const names = Object.keys(migrations);
    const early = new Set(names.slice(0, names.indexOf("0014-snapshots")));
    const provider = {
      getMigrations: () =>
        Promise.resolve(
          Object.fromEntries(Object.entries(migrations).filter(([name]) => early.has(name))),
        ),
    };
    const { error } = await new Migrator({ db: database.db, provider }).migrateToLatest();
    expect(error).toBeUndefined();
    await layOut(3);
    await storeOn(database).migrate();
    await layOut(3);
    const late = await createDatabase();
    const other = openPostgres(late.url);
    await storeOn(other).migrate();
    await layOut(3, other);
    // It made its setting before there were partitions; a later one would have to make it on each of them.
    const known = (line: string) => !line.startsWith("sealed identity");
    expect((await schema(database)).filter(known)).toEqual((await schema(other)).filter(known));
    await other.close();
    await late.drop();
  });

  test("are as they were when it is stopped in between, and the next run goes on", async () => {
    const store = storeOn(database);
    await store.migrate();
    for (const number of numbers(5)) await advance(store, `o${number}`);
    await alone();
    const stopped = partition(
      database,
      { into: 2, isDryRun: false },
      {
        ...silent,
        copied: (table) => {
          if (table === "entries") throw new Error("stopped");
        },
      },
    );
    await expect(stopped).rejects.toThrow("stopped");
    expect(await partsOf()).toEqual([2, 1]);
    await alone();
    const done: string[] = [];
    const again = await partition(
      openedBeside(),
      { into: 2, isDryRun: false },
      { ...silent, done: (table) => done.push(table) },
    );
    expect([again, done.includes("entries")]).toEqual([true, true]);
    expect(done.length).toBeLessThan((await splitTables(database.db)).length);
    expect(await partsOf()).toEqual([2]);
    expect(await rowsOf(database, "entries")).toHaveLength(5);
  });

  test("lose nothing of a server that runs meanwhile, whose statements wait and are planned anew", async () => {
    const store = storeOn(database);
    await store.migrate();
    await advance(store, "o1");
    let isOver = false;
    const writing = numbers(4).map(async (number) => {
      let written = 0;
      for (; !isOver; written += 1) await advance(store, `o${number}`);
      return written;
    });
    for (const into of [3, 1, 2]) await layOut(into);
    isOver = true;
    const written = (await Promise.all(writing)).reduce((sum, count) => sum + count, 0);
    expect(await rowsOf(database, "entries")).toHaveLength(written + 1);
    expect((await store.orders.get("o1", everything))?.revision).toBeGreaterThan(1);
    await alone();
  });
});

describe("partitioning is hindered", () => {
  /** @returns kinds of what was in the way, and whether it was done all the same */
  async function tried(isDryRun = false): Promise<readonly [boolean, readonly string[]]> {
    const plans: PartitionPlan[] = [];
    const isDone = await partition(
      openedBeside(),
      { into: 2, isDryRun },
      { ...silent, planned: (plan) => plans.push(plan) },
    );
    return [isDone, plans.flatMap(({ hindrances }) => hindrances.map(({ kind }) => kind))];
  }

  test("by a schema of another release, earlier or later", async () => {
    expect(await tried()).toEqual([false, ["schema"]]);
    await storeOn(database).migrate();
    await sql`insert into kysely_migration values ('9999-later', now())`.execute(database.db);
    await alone();
    expect(await tried()).toEqual([false, ["schema"]]);
  });

  test("by whoever is connected, and a dry run says so", async () => {
    await storeOn(database).migrate();
    await sql`select 1`.execute(database.db);
    expect(await tried()).toEqual([false, ["sessions"]]);
    expect(await tried(true)).toEqual([true, ["sessions"]]);
    expect(await partsOf()).toEqual([1]);
  });

  test("by what somebody made on a table and would lose", async () => {
    await storeOn(database).migrate();
    for (const statement of [
      "create view lately as select id from orders",
      "create publication mirror for table entries",
      "create policy own on jobs using (true)",
      "create table notes (order_id text references orders (id))",
      `create function nothing() returns trigger language plpgsql as 'begin return new; end'`,
      "create trigger seen after insert on outbox execute function nothing()",
    ]) {
      await sql.raw(statement).execute(database.db);
    }
    await alone();
    let found: readonly string[] = [];
    await partition(
      openedBeside(),
      { into: 2, isDryRun: true },
      {
        ...silent,
        planned: ({ hindrances }) => {
          found = hindrances.flatMap((each) => (each.kind === "dependents" ? each.of : []));
        },
      },
    );
    expect(found).toEqual([
      "constraint notes_order_id_fkey on table notes",
      "policy own on table jobs",
      "publication of table entries in publication mirror",
      "rule _RETURN on view lately",
      "trigger seen on table outbox",
    ]);
  });
});

/** A second way to the same database; what it opens it closes by itself. */
function openedBeside(): Pick<Database, "migrating"> {
  return { migrating: openPostgres(created.url).migrating };
}

async function rowsOf({ db }: Database, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly text: string }>`
    select each::text as text from ${sql.table(table)} as each order by 1`.execute(db);
  return rows.map(({ text }) => text);
}

/** One line for each thing that a table has, the same whether it lies in one piece or in partitions. */
async function schema({ db }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly line: string }>`
    with tables as (
      select oid, relname::text as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
        and relname not like 'kysely%'
    ), leaves as (
      select name, oid from tables where not exists (select from pg_inherits where inhparent = tables.oid)
      union all select name, inhrelid from tables join pg_inherits on inhparent = tables.oid
    ), lines as (
      select name, format('column %s %s %s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull,
        attstorage, attcompression, (select pg_get_expr(adbin, adrelid) from pg_attrdef
          where adrelid = attrelid and adnum = attnum)) as line
      from leaves join pg_attribute on attrelid = leaves.oid where attnum > 0 and not attisdropped
      union
      select name, format('constraint %s %s', case contype when 'c' then conname end, pg_get_constraintdef(pg_constraint.oid))
      from leaves join pg_constraint on conrelid = leaves.oid where contype in ('c', 'p', 'u', 'f')
      union
      select name, format('named %s', conname)
      from tables join pg_constraint on conrelid = tables.oid where conparentid = 0 and contype in ('c', 'p', 'u', 'f')
      union
      select name, format('index %s', regexp_replace(pg_get_indexdef(indexrelid), '^(CREATE .*INDEX )(.*)( USING .*)$', '\\1\\3'))
      from leaves join pg_index on indrelid = leaves.oid where indisvalid
      union
      select name, format('named %s', indexrelid::regclass) from tables join pg_index on indrelid = tables.oid where indisvalid
      union
      select name, format('identity %s', relreplident) from leaves join pg_class on pg_class.oid = leaves.oid
      union
      select name, format('setting %s', option) from leaves join pg_class on pg_class.oid = leaves.oid
        cross join unnest(reloptions) as option
      union
      select name, format('toast %s', option) from leaves join pg_class on pg_class.oid = leaves.oid
        join pg_class as toast on toast.oid = pg_class.reltoastrelid cross join unnest(toast.reloptions) as option
      union
      select name, format('granted %s', acl) from tables join pg_class on pg_class.oid = tables.oid
        cross join unnest(relacl) as acl
    )
    select name || ' ' || line as line from lines order by name, lines.line`.execute(db);
  return rows.map(({ line }) => line);
}
