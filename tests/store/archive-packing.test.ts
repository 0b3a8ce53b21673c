/** What is packed into the archive is read out of it byte for byte, whatever it says and wherever a page begins. */

import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";

import { describeOnDatabases } from "../support/databases.ts";
import { advance, everything, numbers } from "./fixtures.ts";

const START = Date.UTC(2026, 0, 20, 8);
const DAY = 86_400_000;
const ENDED = { status: "done", outcome: "closed" } as const;

/** Postgres holds no U+0000, and a history's line is well-formed. */
const text = fc
  .string({ unit: "binary", maxLength: 300 })
  .map((any) => any.replaceAll("\0", "\n").toWellFormed());
const entry = fc.record({
  line: fc.oneof(text, fc.constant("\n"), fc.constant("{}".repeat(2_000))),
  hash: fc.string({
    unit: fc.constantFrom(..."0123456789abcdef".split("")),
    minLength: 64,
    maxLength: 64,
  }),
  type: text,
});
const page = fc.record({
  after: fc.integer({ min: 0, max: 140 }),
  limit: fc.integer({ min: 1, max: 140 }),
  bytes: fc.integer({ min: 1, max: 20_000 }),
});

describeOnDatabases("the archive's packing", (open, _kind, raw) => {
  test("gives back every line, hash and type as it was, on every page", async () => {
    let now = START;
    const store = await open({ clock: () => now });
    const { db } = await raw();
    let orders = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 130 }),
        fc.array(page, { minLength: 1, maxLength: 3 }),
        async (entries, pages) => {
          const id = `o${(orders += 1)}`;
          await advance(store, id, { head: ENDED });
          await store.feed.sequence(10);
          await rewrite(id, entries);
          const read = async () => ({
            history: await store.orders.history(id, { after: 0, limit: 500 }, everything),
            pages: await Promise.all(pages.map((one) => store.orders.history(id, one, everything))),
            each: await Promise.all(
              [1, 64, 65, entries.length].map((revision) =>
                store.orders.entryAt(id, { revision }, everything),
              ),
            ),
            feed: await store.feed.read({ after: orders - 1, limit: 9, bytes: 1e9 }, everything),
          });
          const before = await read();
          expect(before.history).toHaveLength(entries.length);
          now += 2 * DAY;
          const moved = await store.archive.move({ olderThanMs: DAY, after: null, entries: 1_000 });
          expect(moved).toMatchObject({ orders: 1, entries: entries.length, failed: [] });
          expect(await read()).toEqual(before);
        },
      ),
      { numRuns: 8 },
    );

    /** The order's history, as if it had come to say this. */
    async function rewrite(
      id: string,
      entries: readonly { readonly line: string; readonly hash: string; readonly type: string }[],
    ): Promise<void> {
      await sql`
        with gone as (delete from entries where order_id = ${id})
        update orders set revision = ${entries.length}, projected = ${entries.length}
        where id = ${id}`.execute(db);
      const revisions = numbers(entries.length);
      const types = entries.map(({ type }) => type);
      const lines = entries.map(({ line }) => line);
      const hashes = entries.map(({ hash }) => hash);
      await sql`
        insert into entries (order_id, revision, at, type, line, hash)
        select ${id}, revision, ${new Date(now).toISOString()}::timestamptz, type, line, hash
        from unnest(${revisions}::integer[], ${types}::text[], ${lines}::text[], ${hashes}::text[])
          as entry (revision, type, line, hash)`.execute(db);
    }
  });
});
