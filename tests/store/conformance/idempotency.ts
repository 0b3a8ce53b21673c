/** Conformance: one key has one effect, its record commits with it, and neither caller nor key stands in the database. */

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";

import type {
  IdempotencyKey,
  IdempotencyRecord,
  Settled,
} from "../../../src/store/contracts/idempotency.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import {
  advance,
  deciding,
  definition,
  everything,
  next,
  numbers,
  type Wanted,
} from "../fixtures.ts";

const key: IdempotencyKey = { caller: "ann", key: "k1", fingerprint: "f1" };
const refused: IdempotencyRecord = {
  ...{ orderId: "o1", revision: 1 },
  answer: { kind: "refused", sealed: "c2VhbGVk", judgedAt: 7 },
};

type Outcome = number | Settled;

function keyed(
  store: Store,
  orderId: string,
  { wanted = {}, ...with_ }: Partial<IdempotencyKey> & { readonly wanted?: Wanted } = {},
): Promise<Outcome> {
  return store.change<Outcome>(orderId, deciding(wanted), {
    idempotency: { key: { ...key, ...with_ }, settled: (settled) => settled },
  });
}

const revisionOf = async (store: Store, id: string): Promise<number> =>
  (await store.orders.get(id, everything))?.revision ?? 0;

export function idempotencyConforms(open: OpenStore): void {
  describe("a change under a key", () => {
    test("takes effect once; again it is settled with what was recorded, also on another order", async () => {
      const store = await open();
      expect(await keyed(store, "o1")).toBe(1);
      const record: IdempotencyRecord = {
        ...{ orderId: "o1", revision: 1 },
        answer: { kind: "order", created: true, status: "active", failedJobs: [] },
      };
      const replayed = { kind: "replayed", key, record };
      expect(await keyed(store, "o1")).toEqual(replayed);
      expect(await keyed(store, "o2")).toEqual(replayed);
      expect(await store.idempotency.look(key)).toEqual(replayed);
      expect([await revisionOf(store, "o1"), await revisionOf(store, "o2")]).toEqual([1, 0]);
    });

    test("with another fingerprint is reused, and under another caller or key its own", async () => {
      const store = await open();
      await keyed(store, "o1");
      expect(await keyed(store, "o1", { fingerprint: "f2" })).toEqual({ kind: "reused" });
      expect(await keyed(store, "o1", { caller: "bo" })).toBe(2);
      expect(await keyed(store, "o1", { key: "k2" })).toBe(3);
      expect(await keyed(store, "o1", { caller: "an", key: "nk1" })).toBe(4);
    });

    test("sent three times at once to two servers, a thousand of them, has a thousand effects", async () => {
      const stores = await Promise.all([open(), open()]);
      const send = async (each: number, copy: number): Promise<void> => {
        const store = stores[copy % 2 === 0 ? 0 : 1];
        const outcome = await keyed(store, `o${each % 50}`, { key: `k${each}` });
        if (typeof outcome === "number" || outcome.kind === "replayed") return;
        expect(outcome.kind).toBe("in-progress");
        await sleep(2);
        await send(each, copy);
      };
      const rest = numbers(1000).values();
      const client = async (): Promise<void> => {
        for (const each of rest) await Promise.all([1, 2, 3].map((copy) => send(each, copy)));
      };
      await Promise.all(numbers(8).map(client));
      const revisions = await Promise.all(
        numbers(50).map((each) => revisionOf(stores[0], `o${each - 1}`)),
      );
      expect(revisions.reduce((sum, revision) => sum + revision, 0)).toBe(1000);
    });

    test("that throws, or decides to leave, records nothing", async () => {
      const store = await open();
      const throwing = store.change<Outcome>(
        "o1",
        () => {
          throw new Error("a defect");
        },
        { idempotency: { key, settled: (settled) => settled } },
      );
      await expect(throwing).rejects.toThrow("a defect");
      const lost = { orderId: "o1", id: "j1", token: "none" };
      await expect(keyed(store, "o1", { wanted: { lease: lost } })).rejects.toThrow("lease");
      const left = await store.change<Outcome>("o1", () => ({ kind: "leave", result: 0 }), {
        idempotency: { key, settled: (settled) => settled },
      });
      expect(left).toBe(0);
      expect(await store.idempotency.look(key)).toBeNull();
      expect(await keyed(store, "o1")).toBe(1);
    });

    test("records where the order stands with its incidents, and which jobs wait for a person", async () => {
      const store = await open();
      const jobs = ["j1", "j2"].map((id) => ({ id, type: "print", item: null, input: {} }));
      await advance(store, "o1", { opened: jobs });
      const incident = {
        kind: "job",
        subject: "j2",
        code: "c",
        detail: "d",
        pointer: null,
      } as const;
      const settled = await store.change<Outcome>(
        "o1",
        () => ({ kind: "incident", incident, result: 0 }),
        { idempotency: { key, settled: (found) => found } },
      );
      expect(settled).toBe(0);
      expect(await store.idempotency.look(key)).toMatchObject({
        record: {
          revision: 1,
          answer: { kind: "order", created: false, status: "incident", failedJobs: ["j2"] },
        },
      });
      await keyed(store, "o1", { key: "k2", wanted: { closed: ["j2"] } });
      expect(await store.idempotency.look({ ...key, key: "k2" })).toMatchObject({
        record: { revision: 2, answer: { kind: "order", status: "active", failedJobs: [] } },
      });
    });
  });

  describe("work done once under a key", () => {
    test("commits with its record, and is not done again", async () => {
      const store = await open();
      let done = 0;
      const work = () =>
        store.idempotency.once(key, async (inner) => {
          done += 1;
          await inner.definitions.publish(definition());
          await inner.change("o1", (current, now) => next(current, now));
          return refused;
        });
      expect(await work()).toEqual({ kind: "done", record: refused });
      expect(await work()).toEqual({ kind: "replayed", key, record: refused });
      expect(done).toBe(1);
      expect(await store.definitions.processes()).toEqual(["service-visit"]);
      expect(await keyed(store, "o1")).toEqual({ kind: "replayed", key, record: refused });
    });

    test("that throws leaves nothing of what it did", async () => {
      const store = await open();
      const work = store.idempotency.once(key, async (inner) => {
        await inner.definitions.publish(definition());
        throw new Error("a defect");
      });
      await expect(work).rejects.toThrow("a defect");
      expect(await store.definitions.processes()).toEqual([]);
      expect(await store.idempotency.look(key)).toBeNull();
    });

    test("of twenty at once on two servers one is done", async () => {
      const stores = await Promise.all([open(), open()]);
      const outcomes = await Promise.all(
        numbers(20).map((each) =>
          stores[each % 2 === 0 ? 0 : 1].idempotency.once(key, () => Promise.resolve(refused)),
        ),
      );
      const kinds = Map.groupBy(outcomes, ({ kind }) => kind);
      expect(kinds.get("done")).toHaveLength(1);
      expect(kinds.get("reused")).toBeUndefined();
    });
  });

  test("records are forgotten from a given age on, a bounded number at a time", async () => {
    let now = Date.UTC(2026, 10, 22);
    const store = await open({ clock: () => now });
    for (const each of numbers(5)) await keyed(store, "o1", { key: `k${each}` });
    now += 3_600_000;
    await keyed(store, "o1", { key: "k6" });
    expect(await store.idempotency.forget(3_600_001, 10)).toBe(0);
    expect(await store.idempotency.forget(3_599_999, 3)).toBe(3);
    expect(await store.idempotency.forget(3_599_999, 3)).toBe(2);
    expect(await store.idempotency.forget(3_599_999, 3)).toBe(0);
    expect(await keyed(store, "o1", { key: "k6" })).toMatchObject({ kind: "replayed" });
    expect(await keyed(store, "o1", { key: "k1" })).toBe(7);
  });
}
