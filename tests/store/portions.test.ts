/** Orders without snapshots are rebuilt a few histories at a time, however many are asked for at once. */

import { sql, type KyselyPlugin } from "kysely";
import { expect, test } from "vitest";

import type { Rebuild } from "../../src/audit/rebuild.ts";
import { snapshotIn } from "../../src/audit/snapshot.ts";
import type { Database } from "../../src/store/database.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { advance, definition, everything, numbers } from "./fixtures.ts";

const ENTRIES = 150;
const ids = numbers(40).map((each) => `o${String(each).padStart(2, "0")}`);

/** Instead of a replay: says what it was given. */
const told: Rebuild = (_id, past, lines) =>
  snapshotIn(JSON.stringify({ from: past?.order.revision ?? 0, lines: lines.length }));

/** A store that tells how many entries' lines each of its statements read. */
function counting(database: Database) {
  const read: number[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      const lines = result.rows.flatMap(({ lines: of }) => (Array.isArray(of) ? of : []));
      if (lines.length > 0) read.push(lines.length);
      return Promise.resolve(result);
    },
  };
  const store = storeOn(
    { ...database, db: database.db.withPlugin(plugin), close: () => Promise.resolve() },
    { rebuild: told },
  );
  return { store, read };
}

describeOnDatabases("orders that are rebuilt", (_open, _kind, raw) => {
  test("are read in portions, each of them once, for a page as for a batch", async () => {
    const database = await raw();
    const first = counting(database).store;
    await first.definitions.publish(definition());
    await Promise.all(ids.map((id) => advance(first, id)));
    await first.close();
    // As if they had lived long: what their entries say is not looked into here.
    await sql`
      insert into entries (order_id, revision, at, type, line, hash)
      select order_id, number, at, type, line, hash
      from entries, generate_series(2, ${ENTRIES}::integer) as number`.execute(database.db);
    await sql`update orders set revision = ${ENTRIES}, projected = ${ENTRIES}`.execute(database.db);
    const { store, read } = counting(database);
    await store.orders.forgetSnapshots();
    const inPortions = () => {
      const portions = read.splice(0);
      expect(portions.reduce((sum, lines) => sum + lines, 0)).toBe(ids.length * ENTRIES);
      expect(Math.max(...portions)).toBeLessThan(1_000 + ENTRIES);
      expect(portions).toHaveLength(6);
    };
    const { items } = await store.orders.list({ limit: 100 }, everything);
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set(ids));
    expect(new Set(items.map(({ snapshot }) => snapshot.text))).toEqual(
      new Set([JSON.stringify({ from: 0, lines: ENTRIES })]),
    );
    inPortions();
    const revisions = await Promise.all(ids.map((id) => advance(store, id)));
    expect(new Set(revisions)).toEqual(new Set([ENTRIES + 1]));
    inPortions();
    await store.close();
  });
});
