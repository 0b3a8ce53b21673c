/** The embedded database does not grow by what is dead. */

import { sql } from "kysely";
import { expect, test } from "vitest";

import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";
import { advance, numbers } from "./fixtures.ts";

test("orders that move a thousand times keep to their size when they are tidied up", async () => {
  const database = await openPgliteInMemory(await pgliteTemplate());
  const store = storeOn(database);
  await store.migrate();
  const snapshot = JSON.stringify({ data: "x".repeat(3_000) });
  const move = async (times: number): Promise<void> => {
    for (const number of numbers(times)) {
      await advance(store, `o${number % 5}`, { head: { tags: [`tag ${number % 7}`] } });
      await database.db
        .updateTable("orders")
        .set({ snapshot: `${snapshot}${number}` })
        .where("id", "=", `o${number % 5}`)
        .execute();
    }
  };
  const size = async (): Promise<number> => {
    const { rows } = await sql<{ readonly bytes: number }>`
      select pg_table_size('orders') as bytes`.execute(database.db);
    return rows[0]?.bytes ?? 0;
  };
  expect(await store.tidy()).toBe(false);
  await move(400);
  const grown = await size();
  while (await store.tidy());
  for (const _ of numbers(3)) {
    await move(300);
    while (await store.tidy());
  }
  expect(await size()).toBeLessThan(grown * 1.3);
  await store.close();
});

test("a table with few rows does not wait for ever behind one that always has more dead ones", async () => {
  const database = await openPgliteInMemory(await pgliteTemplate());
  const { db } = database;
  for (const [name, rows, dead] of [
    ["busy", 10_000, 5_000],
    ["small", 800, 800],
  ] as const) {
    const table = sql.table(name);
    await sql`create table ${table} as select generate_series(1, ${sql.lit(rows)}) as n`.execute(
      db,
    );
    await sql`delete from ${table} where n <= ${dead}::integer`.execute(db);
  }
  const store = storeOn(database);
  const left = async (): Promise<readonly string[]> => {
    const { rows } = await sql<{ readonly relname: string }>`
      select relname::text from pg_stat_user_tables where n_dead_tup > 0 order by 1`.execute(db);
    return rows.map(({ relname }) => relname);
  };
  expect(await store.tidy()).toBe(true);
  expect(await left()).toEqual(["busy"]);
  expect(await store.tidy()).toBe(true);
  expect(await left()).toEqual([]);
  expect(await store.tidy()).toBe(false);
  await store.close();
});
