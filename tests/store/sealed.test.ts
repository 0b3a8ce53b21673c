/** What is kept of sealed values, also of those that a release before wrote in clear, on every database. */

import { expect, test } from "vitest";

import type { KeptValue } from "../../src/store/contracts/sealed.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { advance, everything, numbers } from "./fixtures.ts";

const COMMITMENT = "a".repeat(64);
const OTHER = "b".repeat(64);
const BOXED = { commitment: COMMITMENT, box: new Uint8Array([0, 1, 92, 255]) };
const CLEAR = {
  commitment: COMMITMENT,
  salt: "0".repeat(64),
  value: { name: "王芳", n: [1.5, null] },
};

describeOnDatabases("a sealed value", (open, _kind, raw) => {
  test("is kept for its own order only, byte for byte, and once", async () => {
    const store = await open();
    await advance(store, "o1", { sealed: [BOXED] });
    await advance(store, "o1", { sealed: [BOXED] });
    await advance(store, "o2");
    expect(await kept(store, "o1", [COMMITMENT, OTHER])).toEqual([{ kind: "boxed", ...BOXED }]);
    expect(await kept(store, "o1", [OTHER])).toEqual([]);
    expect(await kept(store, "o2", [COMMITMENT])).toEqual([]);
  });

  test("that lies in clear is kept like one that is sealed, and one beside it hides none of both", async () => {
    const store = await open();
    await advance(store, "o1", { sealed: [BOXED] });
    for (const _ of numbers(2)) await insertClear(await raw(), "o1", [CLEAR]);
    await insertClear(await raw(), "o1", [{ ...CLEAR, value: "forged" }]);
    const found = await kept(store, "o1", [COMMITMENT]);
    expect(found).toHaveLength(3);
    expect(found).toEqual(
      expect.arrayContaining([
        { kind: "boxed", ...BOXED },
        { kind: "clear", ...CLEAR },
        { kind: "clear", ...CLEAR, value: "forged" },
      ]),
    );
  });

  test("is of the order's own person, or of the one that the order was made for", async () => {
    const store = await open();
    const subject = "f".repeat(64);
    await advance(store, "own", { sealed: [BOXED] });
    await advance(store, "o2", { subject, sealed: [BOXED] });
    await advance(store, "o2", { sealed: [{ ...BOXED, commitment: OTHER }] });
    await advance(store, "o1", { subject });
    expect((await store.sealed.kept("own", [COMMITMENT])).subject).toBeNull();
    expect((await store.sealed.kept("o2", [COMMITMENT])).subject).toBe(subject);
    expect((await store.orders.get("own", everything))?.subject).toBeNull();
    expect((await store.orders.get("o2", everything))?.subject).toBe(subject);
    const all = { after: null, limit: 9 };
    expect(await store.sealed.ordersOf(subject, all)).toEqual(["o1", "o2"]);
    expect(await store.sealed.ordersOf(subject, { after: "o1", limit: 9 })).toEqual(["o2"]);
    expect(await store.sealed.ordersOf("0", all)).toEqual([]);
  });
});

describeOnDatabases("values in clear", (open, _kind, raw) => {
  test("are walked over by whole orders, sealed once, and leave no byte in a live file", async () => {
    const store = await open();
    await advance(store, "o2", { subject: "someone" });
    for (const id of ["o1", "o2", "o3"]) {
      const values = numbers(3).map((n) => ({ ...CLEAR, commitment: `${n}`.repeat(64) }));
      await insertClear(await raw(), id, values);
    }
    expect(await store.sealed.sweep()).toBe(false);
    const first = await store.sealed.inClear({ after: null, limit: 4 });
    expect(first.map(({ orderId, subject, values }) => [orderId, subject, values.length])).toEqual([
      ["o1", null, 3],
      ["o2", "someone", 3],
    ]);
    expect(first[0]?.values[0]?.value).toEqual(CLEAR.value);
    const rest = await store.sealed.inClear({ after: "o2", limit: 4 });
    expect(rest.map(({ orderId }) => orderId)).toEqual(["o3"]);
    expect(await store.sealed.inClear({ after: "o3", limit: 4 })).toEqual([]);

    const boxed = [...first, ...rest].map(({ orderId, values }) => ({
      orderId,
      boxes: values.map(({ commitment }) => ({ ...BOXED, commitment })),
    }));
    const moved = await Promise.all([store.sealed.reseal(boxed), store.sealed.reseal(boxed)]);
    expect(moved.toSorted()).toEqual([0, 9]);
    expect(await store.sealed.reseal(boxed)).toBe(0);
    const one = "1".repeat(64);
    expect(await kept(store, "o1", [one])).toEqual([{ kind: "boxed", ...BOXED, commitment: one }]);
    expect(await store.sealed.inClear({ after: null, limit: 4 })).toEqual([]);
    expect(await store.sealed.sweep()).toBe(true);
    expect(await store.sealed.sweep()).toBe(true);
  });
});

async function kept(
  store: Store,
  orderId: string,
  commitments: readonly string[],
): Promise<readonly KeptValue[]> {
  const { values } = await store.sealed.kept(orderId, commitments);
  // A driver's bytes may be of a class of its own.
  return values.map((value) =>
    value.kind === "boxed" ? { ...value, box: Uint8Array.from(value.box) } : value,
  );
}

async function insertClear(
  { db }: Pick<Database, "db">,
  orderId: string,
  values: readonly (typeof CLEAR | (Omit<typeof CLEAR, "value"> & { readonly value: string }))[],
): Promise<void> {
  const rows = values.map((value) => ({
    ...value,
    order_id: orderId,
    value: JSON.stringify(value.value),
  }));
  await db.insertInto("sealed").values(rows).execute();
}
