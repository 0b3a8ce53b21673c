/** Every task comes to exactly one end, whatever its neighbours, the database and its own callbacks do. */

import { setImmediate } from "node:timers/promises";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { StoreBusy, StoreUnavailable } from "../../../src/store/errors.ts";
import { createGroupWriter, type WriterPorts } from "../../../src/store/group/group-writer.ts";
import { createHotOrders } from "../../../src/store/group/hot-orders.ts";
import type { Loaded, Task } from "../../../src/store/group/lanes.ts";
import { numbers } from "../fixtures.ts";
import { plannedWrite, storedOrder, testTask } from "./support.ts";

const absent: Loaded = { order: null, checkpoint: 0, settled: null, isOdd: false };

/** A writer without a database: no order is there yet, and everything it is asked to write is written. */
function writer({ load, write }: Partial<Pick<WriterPorts, "load" | "write">> = {}) {
  const batches: (readonly string[])[] = [];
  const reads: (readonly string[])[] = [];
  const hot = createHotOrders({ elapsed: () => 0, onEvicted: () => {}, roomBytes: 1e6 });
  const { submit, idle } = createGroupWriter({
    hot,
    now: () => 1_000_000,
    load: (tasks) => {
      const ids = tasks.map(({ orderId }) => orderId);
      reads.push(ids);
      return load === undefined
        ? setImmediate(new Map(ids.map((id) => [id, absent])))
        : load(tasks);
    },
    write: (writes) => {
      const ids = writes.map(({ orderId }) => orderId);
      batches.push(ids);
      return write === undefined ? setImmediate(new Set(ids)) : write(writes);
    },
  });
  return { submit, idle, batches, reads, hot };
}

describe("a group writer", () => {
  test("writes what arrived together together, and one order's changes one after the other", async () => {
    const { submit, idle, batches } = writer();
    const tasks = [...numbers(50).map((each) => testTask(`o${each}`)), testTask("o1")];
    for (const task of tasks) submit(task);
    await idle();
    expect(batches.map(({ length }) => length)).toEqual([50, 1]);
    expect(tasks.map(({ ends }) => ends)).toEqual(tasks.map(() => ["done"]));
  });

  test("parts what would be too much for one statement: sealed values, messages and jobs' inputs count", async () => {
    const photo = "x".repeat(900_000);
    const job = { id: "j", type: "print", item: null, input: { photo } };
    const message = { type: "notify", item: null, params: {}, values: { photo } };
    for (const wanted of [
      { sealed: [{ commitment: "c1", box: Buffer.from(photo) }] },
      { opened: [job] },
      { outbox: [{ ...message, params: { photo }, values: null }] },
      { outbox: [message] },
    ]) {
      const { submit, idle, batches } = writer();
      for (const each of numbers(7)) {
        const plan: Task["plan"] = (current) => ({
          kind: "write",
          planned: plannedWrite(`o${each}`, current, { wanted }),
        });
        submit(testTask(`o${each}`, { plan }));
      }
      await idle();
      expect(batches.map(({ length }) => length)).toEqual([3, 3, 1]);
    }
  });

  test("settles a key once, also when to settle it fails", async () => {
    const settled = { kind: "in-progress" } as const;
    const { submit, idle, batches } = writer({
      load: (tasks) =>
        Promise.resolve(
          new Map(
            tasks.map(({ orderId }) => [
              orderId,
              orderId === "known" ? { ...absent, settled } : absent,
            ]),
          ),
        ),
    });
    const ends: string[] = [];
    const known = testTask("known", {
      settle: () => {
        throw new Error("can't be settled");
      },
      failed: (error) => ends.push(String(error)),
    });
    const others = [testTask("o1"), testTask("o2")];
    for (const task of [others[0], known, others[1]]) if (task !== undefined) submit(task);
    await idle();
    expect(ends).toEqual(["Error: can't be settled"]);
    expect(others.map((task) => task.ends)).toEqual([["done"], ["done"]]);
    expect(batches.flat().toSorted()).toEqual(["o1", "o2"]);
  });

  test("finds the one that spoils a batch, and has all others written", async () => {
    const { submit, idle } = writer({
      write: (writes) => {
        const ids = writes.map(({ orderId }) => orderId);
        return ids.includes("o7")
          ? Promise.reject(new Error("U+0000"))
          : setImmediate(new Set(ids));
      },
    });
    const tasks = numbers(20).map((each) => testTask(`o${each}`));
    for (const task of tasks) submit(task);
    await idle();
    expect(tasks.map(({ ends }) => ends.join())).toEqual(
      numbers(20).map((each) => (each === 7 ? "alone" : "done")),
    );
  });

  test("never writes again what may be written: a lost database fails the batch as a whole", async () => {
    const { submit, idle, batches, hot } = writer({
      write: () => Promise.reject(new StoreUnavailable("cut")),
    });
    const tasks = numbers(5).map((each) => testTask(`o${each}`));
    for (const task of tasks) submit(task);
    await idle();
    expect(batches).toHaveLength(1);
    for (const { ends } of tasks) expect(ends).toEqual(["StoreUnavailable: cut"]);
    expect(hot.peek("o1")).toBeNull();
  });

  test("reads again what another server has moved, and writes it with the next batch", async () => {
    const order = storedOrder("o1", 3);
    let reads = 0;
    const { submit, idle, batches, hot } = writer({
      load: () => {
        reads += 1;
        return setImmediate(new Map([["o1", { ...absent, order }]]));
      },
      write: (writes) =>
        setImmediate(
          new Set(writes.flatMap(({ write }) => (write.entry.revision === 4 ? ["o1"] : []))),
        ),
    });
    hot.set({ order: storedOrder("o1", 2), checkpoint: 0 });
    const task = testTask("o1");
    submit(task);
    await idle();
    expect([task.ends, reads, batches.length]).toEqual([["done"], 1, 2]);
    expect(hot.peek("o1")?.order.revision).toBe(4);
  });

  test("gives up on a batch what is not written as it was just read either: it goes alone", async () => {
    const { submit, idle, batches } = writer({ write: () => setImmediate(new Set<string>()) });
    const tasks = [testTask("o1"), testTask("o2")];
    for (const task of tasks) submit(task);
    await idle();
    expect(tasks.map(({ ends }) => ends)).toEqual([["alone"], ["alone"]]);
    expect(batches).toHaveLength(1);
  });

  test("decides to leave, or fails to decide, only on the order as it is now", async () => {
    const order = storedOrder("o1", 3);
    const load = () => setImmediate(new Map([["o1", { ...absent, order }]]));
    const { submit, idle, hot, reads } = writer({ load });
    for (const old of [() => ({ kind: "leave" }) as const, refuse]) {
      hot.set({ order: storedOrder("o1", 2), checkpoint: 0 });
      const task = testTask("o1", {
        plan: (current) =>
          current?.revision === 2 ? old() : { kind: "write", planned: plannedWrite("o1", current) },
      });
      submit(task);
      await idle();
      expect(task.ends).toEqual(["done"]);
    }
    expect(reads).toEqual([["o1"], ["o1"]]);
    function refuse(): never {
      throw new Error("refused");
    }
  });

  test("reads no order for a decision that comes again, and one that was read for it is at hand then", async () => {
    const order = storedOrder("cold", 3);
    const load = () => setImmediate(new Map([["cold", { ...absent, order }]]));
    const { submit, idle, hot, reads } = writer({ load });
    hot.set({ order: storedOrder("hot", 2), checkpoint: 0 });
    const later = { plan: () => ({ kind: "leave", isProvisional: true }) as const };
    for (const id of ["hot", "cold", "cold"]) {
      const task = testTask(id, later);
      submit(task);
      await idle();
      expect(task.ends).toEqual(["done"]);
    }
    expect(reads).toEqual([["cold"]]);
    expect([hot.peek("hot")?.order.revision, hot.peek("cold")?.order.revision]).toEqual([2, 3]);
  });

  test("has few transactions of their own at once, and goes on with all others beside them", async () => {
    let running = 0;
    let most = 0;
    const over = Promise.withResolvers<void>();
    const poison = numbers(100).map((each) =>
      testTask(`poison ${each}`, {
        plan: () => ({ kind: "alone" }),
        alone: async () => {
          running += 1;
          most = Math.max(most, running);
          await over.promise;
          running -= 1;
        },
      }),
    );
    const { submit, idle } = writer();
    for (const task of poison) submit(task);
    await setImmediate();
    const plain = testTask("plain");
    submit(plain);
    expect(await plain.ended).toBe("done");
    expect(running).toBe(most);
    over.resolve();
    await idle();
    expect([running, most <= 8]).toEqual([0, true]);
  });

  test("takes half of what may wait from one who floods it, and still some from others", async () => {
    const over = Promise.withResolvers<ReadonlyMap<string, Loaded>>();
    const { submit, idle, hot } = writer({ load: () => over.promise });
    for (const centre of ["flood", "other"]) {
      hot.set({ order: storedOrder(centre, 1, { head: { centre } }), checkpoint: 1 });
    }
    const forever = { plan: () => ({ kind: "leave" }) as const };
    let taken = 0;
    const flood = () => {
      for (; ; taken += 1) submit(testTask("flood", forever));
    };
    expect(flood).toThrow(StoreBusy);
    expect(taken).toBe(4_096);
    submit(testTask("other", forever));
    over.resolve(
      new Map([
        ["flood", absent],
        ["other", absent],
      ]),
    );
    await idle();
  });

  test("brings every task to one end and all lanes to theirs, whatever fails", async () => {
    const ways = fc.constantFrom(
      "written",
      "refused",
      "conflict",
      "spoiled",
      "away",
      "odd",
      "known",
    );
    const asked = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), ways), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(asked, async (wanted) => {
        const wayOf = new Map(wanted.map(([each, way]) => [`o${each}`, way]));
        const { submit, idle } = writer({
          load: (tasks) => {
            if (tasks.length === 1 && wayOf.get(tasks[0]?.orderId ?? "") === "away") {
              return Promise.reject(new Error("spoiled"));
            }
            return setImmediate(
              new Map(
                tasks.map(({ orderId }) => {
                  const way = wayOf.get(orderId);
                  const settled = way === "known" ? ({ kind: "in-progress" } as const) : null;
                  return [orderId, { ...absent, settled, isOdd: way === "odd" }];
                }),
              ),
            );
          },
          write: (writes) => {
            const ids = writes.map(({ orderId }) => orderId);
            if (ids.some((id) => wayOf.get(id) === "spoiled")) {
              return Promise.reject(new Error("spoiled"));
            }
            if (ids.some((id) => wayOf.get(id) === "away")) {
              return Promise.reject(new StoreUnavailable("away"));
            }
            return setImmediate(new Set(ids.filter((id) => wayOf.get(id) !== "conflict")));
          },
        });
        const tasks = wanted.map(([each, way]) =>
          testTask(`o${each}`, way === "refused" ? { plan: refuse } : {}),
        );
        for (const task of tasks) submit(task);
        await idle();
        for (const { ends } of tasks) expect(ends).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
    function refuse(): never {
      throw new Error("refused");
    }
  });
});
