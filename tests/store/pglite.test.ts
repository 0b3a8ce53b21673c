/** The embedded database computes inside this process, and still leaves the process time for everything else. */

import { setImmediate } from "node:timers/promises";

import { sql } from "kysely";
import { expect, test } from "vitest";

import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";

test("between statements that follow each other at once, timers, signals and sockets have their turn", async () => {
  const { db, close } = await openPgliteInMemory(await pgliteTemplate());
  let turns = 0;
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns += 1) await setImmediate();
  })();
  for (let statement = 0; statement < 20; statement += 1) await sql`select 1`.execute(db);
  for (let change = 0; change < 20; change += 1) {
    await db.transaction().execute((transaction) => sql`select 1`.execute(transaction));
  }
  isOver = true;
  await others;
  await close();
  expect(turns).toBeGreaterThanOrEqual(40);
});
