/** Conformance: tasks follow their orders, and lists walked page by page hold still while orders and tasks change. */

import { describe, expect, test } from "vitest";

import { snapshotIn } from "../../../src/audit/snapshot.ts";
import { BadCursor } from "../../../src/store/errors.ts";
import type { NewTask, TaskFilter } from "../../../src/store/contracts/tasks.ts";
import type { OrderFilter, Page, Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers } from "../fixtures.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

function task(id: string, more: Partial<NewTask> = {}): NewTask {
  return { id, item: null, state: "s", role: "lead", openedAt: NOON, dueAt: null, ...more };
}

function openTasks(store: Store, order: string, ...opened: readonly NewTask[]): Promise<number> {
  return advance(store, order, { tasks: { opened } });
}

const close = (store: Store, order: string): Promise<number> =>
  advance(store, order, { tasks: { closed: [{ item: null, state: "s" }] } });

/** The same numbers for ever (mulberry32). */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function listsConform(open: OpenStore): void {
  describe("an order's tasks", () => {
    test("come and go with its writes, a place that opens anew as another task", async () => {
      const store = await open();
      await openTasks(store, "o1", task("1.1"), task("1.2", { item: "lines/a" }));
      await advance(store, "o1", {
        tasks: { closed: [{ item: null, state: "s" }], opened: [task("2.1")] },
      });
      const ids = async () =>
        (await store.tasks.list({ limit: 9 }, everything)).items.map(({ id, item }) => [id, item]);
      expect(await ids()).toEqual([
        ["1.2", "lines/a"],
        ["2.1", null],
      ]);
      await advance(store, "o1", {
        tasks: {
          closed: [
            { item: "lines/a", state: "s" },
            { item: null, state: "other" },
          ],
        },
      });
      expect(await ids()).toEqual([["2.1", null]]);
    });

    test("of a write that fails stay as they were", async () => {
      const store = await open();
      await openTasks(store, "o1", task("1.1"));
      const timer = { id: "t1", dueAt: NOON };
      const failing = advance(store, "o1", {
        set: [timer, timer],
        tasks: { closed: [{ item: null, state: "s" }], opened: [task("2.1", { state: "t" })] },
      });
      await expect(failing).rejects.toThrow();
      const { items } = await store.tasks.list({ limit: 9 }, everything);
      expect(items).toMatchObject([{ id: "1.1", order: { id: "o1", revision: 1 } }]);
    });

    test("and its order are found by names as long as a document may write them", async () => {
      const store = await open();
      const long = Array.from({ length: 3_000 }, (_, index) =>
        String.fromCodePoint(0x4e00 + index),
      );
      const [step, role] = [long.join(""), long.toReversed().join("")];
      const head = { step, tags: [step, "short"] };
      const opened = [task("1.1", { role, state: step, item: "lines/a" })];
      await advance(store, "o1", { head, tasks: { opened } });
      await advance(store, "o2", { head: { step: step.slice(0, 2_999) } });
      const page = { limit: 9 };
      const ids = async (filter: object) =>
        (await store.orders.list({ ...page, ...filter }, everything)).items.map(({ id }) => id);
      expect(await ids({ step })).toEqual(["o1"]);
      expect(await ids({ step: step.slice(0, 2_999) })).toEqual(["o2"]);
      expect(await ids({ tag: "short" })).toEqual(["o1"]);
      const { items } = await store.tasks.list({ role, ...page }, everything);
      expect(items).toMatchObject([{ state: step, role }]);
      const closed = [{ item: "lines/a", state: step }];
      await advance(store, "o1", { head, tasks: { closed } });
      expect((await store.tasks.list(page, everything)).items).toEqual([]);
    });

    test("are overdue by the order's own clock, from the very instant on", async () => {
      let now = NOON - 1;
      const store = await open({ clock: () => now });
      await store.testClocks.create("c1", NOON);
      await openTasks(store, "o1", task("1.1", { dueAt: NOON }));
      await store.change(
        "o2",
        (_, at) => ({ ...decision("o2", at, task("1.1", { dueAt: NOON })), result: null }),
        { testClock: "c1" },
      );
      await openTasks(store, "o3", task("1.1"));
      const overdue = async (wanted: boolean) => ({
        tasks: (await store.tasks.list({ overdue: wanted, limit: 9 }, everything)).items.map(
          ({ order }) => order.id,
        ),
        orders: (await store.orders.list({ overdue: wanted, limit: 9 }, everything)).items
          .map(({ id }) => id)
          .toSorted(),
      });
      expect(await overdue(true)).toEqual({ tasks: ["o2"], orders: ["o2"] });
      expect(await overdue(false)).toEqual({ tasks: ["o1", "o3"], orders: ["o1", "o3"] });
      now = NOON;
      expect(await overdue(true)).toEqual({ tasks: ["o1", "o2"], orders: ["o1", "o2"] });
    });
  });

  describe("a list walked page by page", () => {
    test.each([1, 2, 3])("tasks that open, close and are claimed meanwhile (%i)", async (seed) => {
      const draw = drawing(seed);
      const store = await open();
      const orders = numbers(40).map((number) => `o${number}`);
      for (const id of orders) {
        await openTasks(store, id, task("1.1", { openedAt: NOON + draw(5), role: `r${draw(2)}` }));
      }
      const gone = new Set<string>();
      const seen = await walk(
        (page) => store.tasks.list({ role: "r1", ...page }, everything),
        () => 1 + draw(4),
        async () => {
          const id = orders[draw(orders.length)] ?? "o1";
          const from = "anyone" as const;
          if (draw(2) === 0)
            await store.tasks.assign(`${id}.1.1`, { assignee: "a", from }, everything);
          else if (!gone.has(id)) {
            gone.add(id);
            await close(store, id);
            await openTasks(store, id, task("3.1", { openedAt: NOON + draw(9), role: "r1" }));
          }
        },
      );
      const keys = seen.map(({ order, id }) => `${order.id}.${id}`);
      expect(new Set(keys).size).toBe(keys.length);
      const still = (await store.tasks.list({ role: "r1", limit: 500 }, everything)).items;
      const stayed = still.filter(({ id }) => id === "1.1").map(({ order }) => `${order.id}.1.1`);
      expect(stayed.filter((key) => !keys.includes(key))).toEqual([]);
      expect(stayed.length).toBeGreaterThan(3);
    });

    test.each([1, 2, 3])("orders that change, also their tags, meanwhile (%i)", async (seed) => {
      const draw = drawing(seed);
      const store = await open();
      const orders = numbers(40).map((number) => `o${number}`);
      for (const id of orders) {
        await advance(store, id, { head: { tags: draw(2) === 0 ? ["waiting", "预约"] : [] } });
      }
      const moved = new Set<string>();
      const seen = await walk(
        (page) => store.orders.list({ tag: "预约", ...page }, everything),
        () => 1 + draw(4),
        async () => {
          const id = orders[draw(orders.length)] ?? "o1";
          moved.add(id);
          await advance(store, id, { head: { tags: draw(2) === 0 ? ["预约"] : ["waiting"] } });
        },
      );
      const ids = seen.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const tagged = await store.orders.list({ tag: "预约", limit: 500 }, everything);
      const still = tagged.items.map(({ id }) => id).filter((id) => !moved.has(id));
      expect(still.filter((id) => !ids.includes(id))).toEqual([]);
      expect(still.length).toBeGreaterThan(3);
    });

    test("a cursor under another filter, another scope's or another list's is told apart", async () => {
      const store = await open();
      for (const number of numbers(3)) await openTasks(store, `o${number}`, task("1.1"));
      const filter: TaskFilter = { role: "lead", limit: 1 };
      const cursor = (await store.tasks.list(filter, everything)).nextCursor ?? "";
      const shanghai = { centres: ["sh-01"] };
      const next = await store.tasks.list({ ...filter, cursor }, shanghai);
      expect(next.items.map(({ order }) => order.id)).toEqual(["o2"]);
      const elsewhere = await store.tasks.list({ ...filter, cursor }, { centres: ["bj-01"] });
      expect(elsewhere).toEqual({ items: [], nextCursor: null, damaged: [] });
      const wrong: readonly TaskFilter[] = [
        { limit: 1 },
        { role: "lead", overdue: false, limit: 1 },
        { role: "parts", limit: 1 },
      ];
      for (const other of wrong) {
        await expect(store.tasks.list({ ...other, cursor }, everything)).rejects.toThrow(BadCursor);
      }
      const orderFilter: OrderFilter = { limit: 1, cursor };
      await expect(store.orders.list(orderFilter, everything)).rejects.toThrow(BadCursor);
      await expect(store.incidents.list(orderFilter, everything)).rejects.toThrow(BadCursor);
    });

    test("definitions of one instant are neither lost nor doubled", async () => {
      const store = await open({ clock: () => NOON });
      for (const number of numbers(7)) {
        const version = `1.${number}.0`;
        await store.definitions.publish({
          ...{ process: `p${number % 2}`, version, digest: `${number}`.padStart(64, "0") },
          ...{ canonical: "{}", source: "", format: "json", by: "d-1" },
        });
      }
      const nothing = () => Promise.resolve();
      const versions = await walk(
        (page) => store.definitions.versionPage({ process: "p1", ...page }),
        () => 1,
        nothing,
      );
      expect(versions.map(({ version }) => version)).toEqual(["1.7.0", "1.5.0", "1.3.0", "1.1.0"]);
      const processes = await walk(
        (page) => store.definitions.processPage(page),
        () => 1,
        nothing,
      );
      expect(processes).toEqual(["p0", "p1"]);
    });
  });
}

function decision(id: string, at: number, opened: NewTask) {
  const line = JSON.stringify({ id, at });
  const head = { process: "p", version: "1.0.0", digest: "d", businessKey: null, centre: null };
  return {
    kind: "write" as const,
    write: {
      order: {
        ...head,
        status: "active" as const,
        outcome: null,
        step: null,
        tags: [],
        snapshot: snapshotIn("{}"),
      },
      entry: { revision: 1, at, type: "START", line, hash: "h" },
      ...{ sealed: [], timers: { set: [], cancelled: [] }, jobs: { opened: [], closed: [] } },
      ...{ tasks: { opened: [opened], closed: [] }, outbox: [] },
    },
  };
}

/** Every row of a walk with changes between its pages. */
async function walk<Row>(
  list: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Row>>,
  limit: () => number,
  between: () => Promise<void>,
): Promise<readonly Row[]> {
  const seen: Row[] = [];
  let cursor: string | null = null;
  do {
    const from = cursor === null ? {} : { cursor };
    const page: Page<Row> = await list({ limit: limit(), ...from });
    seen.push(...page.items);
    cursor = page.nextCursor;
    await between();
  } while (cursor !== null);
  return seen;
}
