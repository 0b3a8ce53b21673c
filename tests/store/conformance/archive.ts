/** The archive: what ended goes out of the way as a whole, and whoever reads it does not notice. */

import { sql } from "kysely";
import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import type { Archived } from "../../../src/store/contracts/archive.ts";
import { ArchiveDetached } from "../../../src/store/errors.ts";
import { storeOn } from "../../../src/store/store-on.ts";
import type { OrderFilter, Store, StoredOrder } from "../../../src/store/store.ts";
import type { OpenDatabase, OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers, type Wanted } from "../fixtures.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 20, 8);
const ALL = { olderThanMs: DAY, after: null, entries: 1_000_000 };
const PAGE = { after: 0, limit: 500 };
const MESSAGE = { type: "notify", item: null, params: { to: "customer" }, values: null };
const SEALED = { commitment: "c1", box: new Uint8Array([5, 0, 255]) };
const ENDED = { status: "done", outcome: "closed", tags: ["end"] } as const;

/** A clock in the test's hands. */
interface Hand {
  now: number;
}

export function archiveConforms(open: OpenStore, raw: OpenDatabase): void {
  const start = async () => {
    const hand: Hand = { now: START };
    const store = await open({ clock: () => hand.now, rebuild: () => snapshotIn("rebuilt") });
    return { hand, store };
  };

  describe("the archive", () => {
    test("takes an order as a whole, and every read of it stays as it was", async () => {
      const { hand, store } = await start();
      for (const id of ["o1", "o2", "o3"]) await closed(store, id, 70, hand);
      await advance(store, "open");
      await numbered(store);
      hand.now += 2 * DAY;
      const before = await everythingOf(store);
      expect(await store.archive.move(ALL)).toEqual({
        ...{ orders: 3, entries: 213, next: null },
        failed: [],
      });
      expect(await everythingOf(store)).toEqual(before);
      expect(await rowsOf(raw)).toEqual({
        ...{ orders: 1, entries: 1, outbox: 0, sealed_boxes: 3 },
        ...{ archived_orders: 3, archived_entries: 6, archive_places: 3 },
      });
    });

    test("leaves values and whose they are where they lie", async () => {
      const { hand, store } = await start();
      await advance(store, "o1", { subject: "a tag", sealed: [SEALED] });
      await closed(store, "o1", 1, hand);
      await numbered(store);
      hand.now += 2 * DAY;
      expect(await store.archive.move(ALL)).toMatchObject({ orders: 1 });
      expect((await store.orders.get("o1", everything))?.subject).toBe("a tag");
      const { items } = await store.orders.list({ limit: 9 }, everything);
      expect(items.map(({ subject }) => subject)).toEqual(["a tag"]);
      expect((await store.sealed.kept("o1", ["c1"])).subject).toBe("a tag");
      const all = { after: null, limit: 9 };
      expect(await store.sealed.ordersOf("a tag", all)).toEqual(["o1"]);
    });

    test("leaves what is young, open, stuck, or waits for anything", async () => {
      const { hand, store } = await start();
      await closed(store, "young", 2, { now: 0 });
      await advance(store, "active");
      await closed(store, "timed", 2, hand, { set: [{ id: "2.0", dueAt: hand.now + DAY }] });
      await closed(store, "working", 2, hand, {
        opened: [{ id: "2.0", type: "t", item: null, input: {} }],
      });
      await numbered(store);
      await closed(store, "unnumbered", 2, hand);
      hand.now += DAY / 2;
      await advance(store, "young", { head: ENDED });
      await store.feed.sequence(0);
      hand.now += DAY;
      expect(await store.archive.move(ALL)).toMatchObject({ orders: 0, next: null });
      await numbered(store);
      expect(await store.archive.move(ALL)).toMatchObject({ orders: 1, next: null });
      expect(await rowsOf(raw)).toMatchObject({ orders: 4, archived_orders: 1 });
    });

    test("is walked batch by batch, past orders that stay", async () => {
      const { hand, store } = await start();
      for (const number of numbers(10)) {
        const stays = number % 4 === 0 ? { set: [{ id: "t", dueAt: START }] } : {};
        await closed(store, `o${number}`, 3, hand, stays);
        hand.now += 1;
      }
      await numbered(store);
      hand.now += 2 * DAY;
      const rounds: Archived[] = [];
      do {
        const after = rounds.at(-1)?.next ?? null;
        rounds.push(await store.archive.move({ ...ALL, after, entries: 6 }));
      } while (rounds.at(-1)?.next !== null);
      expect(rounds.map(({ orders }) => orders)).toEqual([2, 2, 2, 2]);
      expect(await rowsOf(raw)).toMatchObject({ orders: 2, archived_orders: 8 });
    });

    test("is listed with the living, page by page, also while orders move", async () => {
      const { hand, store } = await start();
      for (const number of numbers(12)) {
        await (number % 3 === 0
          ? advance(store, `o${number}`)
          : closed(store, `o${number}`, 2, hand));
        hand.now += number % 4 === 0 ? 0 : 40 * DAY;
      }
      await numbered(store);
      hand.now += 2 * DAY;
      const filters: readonly Omit<OrderFilter, "limit">[] = [
        {},
        { status: "done" },
        { status: "done", centre: "sh-01", process: "service-visit", tag: "end" },
        { status: "active" },
        { overdue: false, step: "appointment" },
        { overdue: true },
        { businessKey: "nobody" },
      ];
      const expected = await Promise.all(filters.map((filter) => walk(store, filter)));
      expect(expected.map((ids) => ids.length)).toEqual([12, 8, 8, 4, 12, 0, 0]);
      const moving = () => store.archive.move({ ...ALL, entries: 2 });
      expect(await walk(store, {}, moving)).toEqual(expected[0]);
      await store.archive.move(ALL);
      expect(await rowsOf(raw)).toMatchObject({ orders: 4, archived_orders: 8 });
      expect(await Promise.all(filters.map((filter) => walk(store, filter)))).toEqual(expected);
      const elsewhere = await store.orders.list({ limit: 50 }, { centres: ["bj-02"] });
      expect(elsewhere.items).toEqual([]);
    });

    test("gives an order to a decision as it ended, and takes no write to it", async () => {
      const { hand, store } = await start();
      await closed(store, "o1", 2, hand);
      await numbered(store);
      hand.now += 2 * DAY;
      const before = await store.orders.get("o1", everything);
      await store.archive.move(ALL);
      const seen = await store.change("o1", (current) => ({ kind: "leave", result: current }));
      expect(plain(seen)).toEqual(plain(before));
      await expect(advance(store, "o1")).rejects.toThrow("stay as it is in the archive");
      expect(await store.orders.get("o1", { centres: ["bj-02"] })).toBeNull();
      expect(await store.orders.history("o1", PAGE, { centres: ["bj-02"] })).toEqual([]);
      expect(await store.orders.entryAt("o1", { revision: 1 }, { centres: [] })).toBeNull();
    });

    test("reads an order whose instants are finer than ours", async () => {
      const { hand, store } = await start();
      await closed(store, "o1", 2, hand);
      await numbered(store);
      const { db } = await raw();
      await sql`update orders set updated_at = updated_at + interval '123 microseconds'`.execute(
        db,
      );
      hand.now += 2 * DAY;
      expect(await store.archive.move(ALL)).toMatchObject({ orders: 1 });
      expect(await store.orders.get("o1", everything)).toMatchObject({ revision: 3 });
      expect(await store.orders.history("o1", PAGE, everything)).toHaveLength(3);
      expect(await store.outbox.list("o1", { afterRevision: 0, limit: 9 })).toHaveLength(4);
    });

    test("keeps no personal value, and one that is erased is gone from it", async () => {
      const { hand, store } = await start();
      await closed(store, "o1", 2, hand);
      await numbered(store);
      hand.now += 2 * DAY;
      await store.archive.move(ALL);
      expect(await boxesOf(store, "o1")).toEqual([SEALED]);
      const { db } = await raw();
      for (const table of ["archived_orders", "archived_entries", "archive_places"]) {
        const { rows } =
          await sql`select from ${sql.table(table)} t where t::text like '%Ann%'`.execute(db);
        expect(rows).toEqual([]);
      }
      await db.deleteFrom("sealed_boxes").execute();
      expect(await boxesOf(store, "o1")).toEqual([]);
    });

    test("takes no history that has a gap, and an order that can't move keeps no other back", async () => {
      const { hand, store } = await start();
      for (const id of ["o1", "o2", "o3", "o4"]) await closed(store, id, 4, hand);
      await numbered(store);
      const { db } = await raw();
      await db
        .deleteFrom("entries")
        .where("order_id", "=", "o1")
        .where("revision", "=", 2)
        .execute();
      const taken = { order_id: "o3", closed_at: new Date(START).toISOString(), centre: null };
      await db.insertInto("archive_places").values(taken).execute();
      hand.now += 2 * DAY;
      const { orders, failed } = await store.archive.move(ALL);
      expect([orders, failed.map(({ id }) => id)]).toEqual([2, ["o3"]]);
      expect(await rowsOf(raw)).toMatchObject({ orders: 2, entries: 9, archived_orders: 2 });
    });

    test("moves each order once, whoever is at it at the same time", async () => {
      const { hand, store } = await start();
      const other = await open({ clock: () => hand.now });
      for (const number of numbers(30)) await closed(store, `o${number}`, 3, hand);
      await numbered(store);
      hand.now += 2 * DAY;
      const moved = await Promise.all(
        [store, other, store, other].map((server) => server.archive.move(ALL)),
      );
      expect(moved.map(({ orders }) => orders).reduce((sum, count) => sum + count)).toBe(30);
      expect(moved.flatMap(({ failed }) => failed)).toEqual([]);
      expect(await rowsOf(raw)).toMatchObject({ orders: 0, entries: 0, archived_orders: 30 });
    });

    test.each([
      ["waits for a timer", "insert into timers (order_id, id, due_at) values ('o2', 't', now())"],
      ["gets an incident", "update orders set open_incidents = 1 where id = 'o2'"],
      ["goes on", "update orders set status = 'active' where id = 'o2'"],
      [
        "is closed anew",
        "update orders set updated_at = updated_at + interval '2 days' where id = 'o2'",
      ],
      ["has yet to be told of", "update orders set projected = projected - 1 where id = 'o2'"],
    ])("leaves an order that %s while it is on its way", async (_what, meanwhile) => {
      const { hand, store } = await start();
      for (const id of ["o1", "o2", "o3"]) await closed(store, id, 2, hand);
      await numbered(store);
      hand.now += 2 * DAY;
      const { db } = await raw();
      const mover = await startMover(raw, hand, () => sql.raw(meanwhile).execute(db));
      expect(await mover.archive.move(ALL)).toMatchObject({ orders: 2, entries: 6, failed: [] });
      expect(await db.selectFrom("orders").select("id").execute()).toEqual([{ id: "o2" }]);
      expect(await rowsOf(raw)).toMatchObject({ entries: 3, archived_orders: 2 });
      expect(await store.orders.history("o2", PAGE, everything)).toHaveLength(3);
    });

    test("is known for as long as its tables are there; embedded no other server must learn of it", async () => {
      const { hand, store } = await start();
      const { db, kind } = await raw();
      const made = sql`
        update kysely_migration set timestamp = ${new Date(START - DAY).toISOString()}
        where name = '0015-archive'`;
      await made.execute(db);
      hand.now += DAY;
      const expected = kind === "pglite" ? Number.POSITIVE_INFINITY : 2 * DAY;
      expect(await store.archive.knownForMs()).toBe(expected);
    });

    test("rebuilds a snapshot that was forgotten, before it moves and afterwards", async () => {
      const { hand, store } = await start();
      await closed(store, "o1", 2, hand);
      await numbered(store);
      await store.orders.forgetSnapshots();
      hand.now += 2 * DAY;
      await store.archive.move(ALL);
      const { db } = await raw();
      const stored = await db.selectFrom("archived_orders").select("snapshot").execute();
      expect(stored).toEqual([{ snapshot: "rebuilt" }]);
      await store.orders.forgetSnapshots("o1");
      expect((await store.orders.get("o1", everything))?.snapshot.text).toBe("rebuilt");
      expect((await store.orders.list({ limit: 5 }, everything)).items[0]?.snapshot.text).toBe(
        "rebuilt",
      );
    });

    test("says of a month that was taken out that it was, to whom it concerns, and has it back", async () => {
      const { hand, store } = await start();
      await closed(store, "o1", 2, hand);
      await numbered(store);
      hand.now += 40 * DAY;
      await closed(store, "o2", 2, hand);
      await numbered(store);
      hand.now += 2 * DAY;
      await store.archive.move(ALL);
      const before = await everythingOf(store);
      expect(await store.archive.detach("2025-12")).toBe(false);
      expect(await store.archive.detach("2026-01")).toBe(true);
      const january = async () =>
        (await store.archive.months()).find(({ month }) => month === "2026-01");
      expect(await january()).toMatchObject({
        attached: false,
        tables: ["archived_orders_2026_01", "archived_entries_2026_01"],
      });
      const reads: readonly (() => Promise<unknown>)[] = [
        () => store.orders.get("o1", everything),
        () => store.orders.history("o1", PAGE, everything),
        () => store.orders.entryAt("o1", { revision: 1 }, everything),
        () => store.feed.read({ after: 0, limit: 9, bytes: 1e6 }, everything),
        () => store.change("o1", () => ({ kind: "leave", result: 0 })),
      ];
      for (const read of reads) await expect(read()).rejects.toThrow(ArchiveDetached);
      expect(await store.orders.get("o1", { centres: ["bj-02"] })).toBeNull();
      expect(await store.orders.get("o2", everything)).not.toBeNull();
      expect(await walk(store, {})).toEqual(["o2"]);
      expect(await store.archive.attach("2026-01")).toBe(true);
      expect(await store.archive.attach("2026-01")).toBe(false);
      expect(await everythingOf(store)).toEqual(before);
    });
  });
}

async function closed(
  store: Store,
  id: string,
  revisions: number,
  { now }: Hand,
  last: Wanted = {},
): Promise<void> {
  for (const revision of numbers(revisions)) {
    const first = revision === 1 ? { sealed: [SEALED] } : {};
    await advance(store, id, { outbox: [MESSAGE], ...first });
  }
  if (now > 0) await advance(store, id, { head: ENDED, outbox: [MESSAGE, MESSAGE], ...last });
}

async function numbered(store: Store): Promise<void> {
  await store.feed.sequence(10_000);
}

/** @param meanwhile happens when the mover has looked at the orders, and has not moved them */
async function startMover(
  raw: OpenDatabase,
  hand: Hand,
  meanwhile: () => Promise<unknown>,
): Promise<Store> {
  const database = await raw();
  const db = database.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      if (result.rows.some((row) => "mayMove" in row)) await meanwhile();
      return result;
    },
  });
  return storeOn({ ...database, db }, { clock: () => hand.now });
}

/** All that anybody can read of orders o1 to o3. */
async function everythingOf(store: Store) {
  const ids = ["o1", "o2", "o3"];
  return {
    lists: await walk(store, {}),
    feed: await store.feed.read({ after: 0, limit: 1_000, bytes: 1e9 }, everything),
    orders: await Promise.all(
      ids.map(async (id) => ({
        order: plain(await store.orders.get(id, everything)),
        history: await store.orders.history(id, PAGE, everything),
        page: await store.orders.history(id, { after: 60, limit: 7 }, everything),
        bytes: await store.orders.history(id, { ...PAGE, bytes: 100 }, everything),
        past: await store.orders.history(id, { after: 5_000, limit: 7 }, everything),
        third: await store.orders.entryAt(id, { revision: 65 }, everything),
        none: await store.orders.entryAt(id, { revision: 900 }, everything),
        first: await store.orders.entryAt(id, { time: START }, everything),
        before: await store.orders.entryAt(id, { time: START - 1 }, everything),
        outbox: await store.outbox.list(id, { afterRevision: 2, limit: 5 }),
        sealed: await boxesOf(store, id),
      })),
    ),
  };
}

async function boxesOf(store: Store, id: string) {
  const { values } = await store.sealed.kept(id, ["c1"]);
  return values.map((each) =>
    each.kind === "boxed"
      ? { commitment: each.commitment, box: Uint8Array.from(each.box) }
      : each.kind,
  );
}

/** A snapshot reads itself by a function of its own. */
function plain(order: StoredOrder | null) {
  return order === null ? null : { ...order, snapshot: order.snapshot.text };
}

async function walk(
  store: Store,
  filter: Omit<OrderFilter, "limit">,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const from: { readonly cursor?: string } = cursor === null ? {} : { cursor };
    const page = await store.orders.list({ ...filter, limit: 3, ...from }, everything);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    await between();
  } while (cursor !== null);
  return ids;
}

async function rowsOf(raw: OpenDatabase): Promise<Record<string, number>> {
  const { db } = await raw();
  const names = [
    ...["orders", "entries", "outbox", "sealed_boxes"],
    ...["archived_orders", "archived_entries", "archive_places"],
  ];
  const counts: Record<string, number> = {};
  for (const name of names) {
    const { rows } = await sql<{ readonly count: number }>`
      select count(*) as count from ${sql.table(name)}`.execute(db);
    counts[name] = rows[0]?.count ?? 0;
  }
  return counts;
}
