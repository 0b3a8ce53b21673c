/** That an order's transitions leave its indexes alone, and that lists are in the order of the very instants all the same. */

import { sql } from "kysely";
import { expect, test } from "vitest";

import type { Store } from "../../src/store/store.ts";
import { seeded } from "../support/cutting-proxy.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { advance, everything, numbers } from "./fixtures.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

describeOnDatabases("the row of an order", (open, _kind, raw) => {
  test("has no column in an index that every transition changes", async () => {
    await open();
    const { db } = await raw();
    // What an index depends on: its columns, those that it computes something of, and those of its condition.
    const { rows } = await sql<{ readonly name: string }>`
      select distinct attname::text as name
      from pg_index
      join pg_depend on classid = 'pg_class'::regclass and objid = indexrelid
        and refclassid = 'pg_class'::regclass and refobjid = indrelid
      join pg_attribute on attrelid = indrelid and attnum = refobjsubid
      where indrelid = 'orders'::regclass and attnum > 0`.execute(db);
    const indexed = rows.map(({ name }) => name);
    expect(indexed).toContain("changed_during");
    const changing = new Set([
      "revision",
      "projected",
      "last_hash",
      "at",
      "updated_at",
      "snapshot",
    ]);
    expect(indexed.filter((name) => changing.has(name))).toEqual([]);
  });
});

describeOnDatabases("orders that changed within the same seconds", (open, _kind, raw) => {
  test("are listed by the instant of their change, page by page, whoever wrote it", async () => {
    const store = await open();
    const { db } = await raw();
    const random = seeded(7);
    const changes = new Map<string, number>();
    for (const number of numbers(40)) {
      const id = `o${number}`;
      await advance(store, id);
      // Some at the same instant, and around where four seconds end.
      const at = NOON + Math.floor(random() * 16) * 1_000 - Math.floor(random() * 2);
      changes.set(id, at);
      await sql`update orders set updated_at = ${new Date(at).toISOString()}::timestamptz
        where id = ${id}`.execute(db);
    }
    const newest = [...changes].toSorted(
      ([id, at], [otherId, otherAt]) => otherAt - at || (id < otherId ? 1 : -1),
    );
    const ids = newest.map(([id]) => id);
    for (const limit of [1, 3, 40]) expect(await walked(store, limit)).toEqual(ids);
  });
});

async function walked(store: Store, limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const more = cursor === undefined ? {} : { cursor };
    const page = await store.orders.list({ limit, status: "active", ...more }, everything);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}
