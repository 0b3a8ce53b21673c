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
