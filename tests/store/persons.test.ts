/** What is kept of a person beside the histories goes wherever it lies, and nothing else goes with it. */

import { beforeEach, expect, test } from "vitest";

import type { RecordedAnswer } from "../../src/store/contracts/idempotency.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";

describeOnDatabases("persons", (open, _kind, raw) => {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });

  const record = (key: string, orderId: string | null, answer: RecordedAnswer) =>
    store.idempotency.once({ caller: "ann", key, fingerprint: key }, () =>
      Promise.resolve({ orderId, revision: null, answer }),
    );
  const recorded = async (key: string): Promise<RecordedAnswer | null> => {
    const found = await store.idempotency.look({ caller: "ann", key, fingerprint: key });
    return found?.kind === "replayed" ? found.record.answer : null;
  };

  test("lose the answers that may tell of them, and no other", async () => {
    const refused = { kind: "refused", sealed: "AAAA", judgedAt: null } as const;
    const text = { kind: "text", sealed: "AAAA" } as const;
    const order = { kind: "order", created: true, status: "active", failedJobs: [] } as const;
    await record("refused", "o1", refused);
    await record("another's", "o2", refused);
    await record("nobody's", null, refused);
    await record("whole", null, { ...text, personal: true });
    await record("key", null, text);
    await record("moved", "o1", order);
    expect(await store.persons.eraseAnswers(["o1"])).toBe(2);
    expect(await recorded("refused")).toEqual({ kind: "erased" });
    expect(await recorded("whole")).toEqual({ kind: "erased" });
    expect(await recorded("another's")).toEqual(refused);
    expect(await recorded("nobody's")).toEqual(refused);
    expect(await recorded("key")).toEqual(text);
    expect(await recorded("moved")).toEqual(order);
    expect(await store.persons.eraseAnswers(["o1"])).toBe(0);
  });

  test("lose the values of the orders that are named, boxed and in clear, and what is given of them alone", async () => {
    const { db } = await raw();
    const box = (order_id: string, no: number) => ({
      ...{ order_id, commitment: Buffer.alloc(32, no), box: Buffer.from([no, 1, 2, 3]) },
    });
    await db
      .insertInto("sealed_boxes")
      .values([box("o1", 1), box("o1", 2), box("o2", 3)])
      .execute();
    const clear = { commitment: "11".repeat(32), salt: "22".repeat(32), value: '"Grace"' };
    await db
      .insertInto("sealed")
      .values({ order_id: "o1", ...clear })
      .execute();
    const [first, second] = await store.persons.boxesOf("o1");
    if (first === undefined || second === undefined) throw new Error("expected two boxes");
    expect(await store.persons.erase(["o1"], new Map([["o1", [first.commitment]]]))).toBe(2);
    expect(await store.persons.boxesOf("o1")).toEqual([second]);
    expect(await store.persons.erase(["o1"])).toBe(1);
    expect(await store.persons.erase(["o1"])).toBe(0);
    expect(await store.persons.boxesOf("o2")).toHaveLength(1);
  });

  test("are restricted as long as one case asks for it", async () => {
    const { restrict, lift, isRestricted } = store.persons;
    await restrict("tag", "case-1");
    await restrict("tag", "case-1");
    await restrict("tag", "case-2");
    await lift("tag", "case-1");
    expect([await isRestricted("tag"), await isRestricted("other")]).toEqual([true, false]);
    await lift("tag", "case-2");
    await lift("tag", "case-2");
    expect(await isRestricted("tag")).toBe(false);
  });

  test("are restricted by their tag, or as their own order's person", async () => {
    const { db } = await raw();
    const commitment = Buffer.alloc(32, 1);
    const box = Buffer.from([1]);
    await db
      .insertInto("sealed_boxes")
      .values([
        { order_id: "own", commitment, box },
        { order_id: "hers", commitment, box },
      ])
      .execute();
    await db.insertInto("order_subjects").values({ order_id: "hers", subject: "tag" }).execute();
    const restricted = async (): Promise<readonly boolean[]> => {
      const digits = commitment.toString("hex");
      const kept = await Promise.all(["own", "hers"].map((id) => store.sealed.kept(id, [digits])));
      return kept.map((each) => each.restricted);
    };
    expect(await restricted()).toEqual([false, false]);
    await store.persons.restrict("tag", "case-1");
    expect(await restricted()).toEqual([false, true]);
    await store.persons.restrict("order:own", "case-2");
    expect(await restricted()).toEqual([true, true]);
  });
});
