/** What lies in clear is sealed in the background: whole, once, at its leisure, and nothing that somebody forged. */

import { expect, test } from "vitest";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { commitmentOf } from "../../src/audit/seal.ts";
import { createKeyring } from "../../src/runtime/keyring.ts";
import { ownTag } from "../../src/runtime/keystore.ts";
import { systemRandom } from "../../src/runtime/platform.ts";
import { createResealing, type ResealingPorts } from "../../src/runtime/resealing.ts";
import { openedRows, openedValues } from "../../src/runtime/seals.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { advance, numbers } from "../store/fixtures.ts";
import { virtualClock } from "./virtual-clock.ts";

const SALT = "07".repeat(32);

function valueOf(n: number) {
  const value = `person ${n}`;
  return { commitment: commitmentOf(Buffer.from(SALT, "hex"), value), salt: SALT, value };
}

async function putInClear(
  { db }: Pick<Database, "db">,
  orderId: string,
  values: readonly ReturnType<typeof valueOf>[],
): Promise<void> {
  const rows = values.map((each) => ({
    ...each,
    order_id: orderId,
    value: JSON.stringify(each.value),
  }));
  await db.insertInto("sealed").values(rows).execute();
}

function resealing(store: Store) {
  const keystore = memoryKeystore();
  const clock = virtualClock(Date.UTC(2026, 10, 22));
  const logged: string[] = [];
  const write = (fields: object, message: string) => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const ports: ResealingPorts = {
    ...{ store, clock, random: systemRandom, keyring: createKeyring(keystore, clock) },
    log: { info: write, warn: write, error: write },
  };
  const round = createResealing(ports);
  /** Rounds until one finds nothing. @returns what they paused */
  const walk = async (): Promise<readonly number[]> => {
    const pauses: number[] = [];
    for (let pause = await round(); ; pause = await round()) {
      pauses.push(pause);
      clock.advance(pause);
      if (pause === 60_000) return pauses;
    }
  };
  return { ports, keystore, logged, walk, round };
}

describeOnDatabases("sealing what lies in clear", (open, _kind, raw) => {
  test("walks over all orders, a batch at a time, and leaves each value under its order's key", async () => {
    const store = await open({ rebuild: createRebuild() });
    await advance(store, "o3", { subject: "a tag" });
    for (const n of numbers(4)) {
      await putInClear(
        await raw(),
        `o${n}`,
        numbers(200).map((each) => valueOf(n * 1_000 + each)),
      );
    }
    const { ports, keystore, logged, walk, round } = resealing(store);
    // A start has other things to do.
    expect(await round()).toBe(5_000);
    const pauses = await walk();
    expect(pauses.length).toBeGreaterThan(3);
    expect(logged).toEqual(['values that lay in clear are sealed {"values":800}']);
    const wanted = numbers(200).map((each) => valueOf(3_000 + each));
    const commitments = wanted.map(({ commitment }) => commitment);
    const values = await openedValues(ports, "o3", commitments);
    expect(new Set(values.values())).toEqual(new Set(wanted.map(({ value }) => value)));
    const { values: kept } = await store.sealed.kept("o3", commitments);
    expect(new Set(kept.map(({ kind }) => kind))).toEqual(new Set(["boxed"]));
    const tags = [ownTag("o3"), ownTag("o4"), "a tag"];
    expect([...(await keystore.read(tags)).keys()]).toEqual([ownTag("o4"), "a tag"]);
    expect(await store.sealed.inClear({ after: null, limit: 9 })).toEqual([]);
    // What a server of the release before writes meanwhile is found by the next walk.
    await putInClear(await raw(), "o1", [valueOf(7)]);
    await walk();
    expect(await store.sealed.inClear({ after: null, limit: 9 })).toEqual([]);
    expect((await openedValues(ports, "o1", [valueOf(7).commitment])).size).toBe(1);
  });

  test("gives no forged value the look of a true one, and says whose it is", async () => {
    const store = await open({ rebuild: createRebuild() });
    const forged = { ...valueOf(2), value: "somebody else" };
    await putInClear(await raw(), "o1", [valueOf(1), forged]);
    const { ports, logged, walk } = resealing(store);
    await walk();
    const commitments = [valueOf(1).commitment, forged.commitment];
    const { opened, clear } = await openedRows(ports, "o1", commitments);
    expect(opened).toEqual([valueOf(1)]);
    expect(clear).toEqual([forged]);
    expect([...(await openedValues(ports, "o1", commitments)).values()]).toEqual(["person 1"]);
    expect(logged[0]).toContain('{"count":1,"orders":["o1"]}');
  });

  test("by two servers at once seals each value once", async () => {
    const store = await open({ rebuild: createRebuild() });
    for (const n of numbers(3)) await putInClear(await raw(), `o${n}`, numbers(50).map(valueOf));
    const [one, two] = [resealing(store), resealing(store)];
    await Promise.all([one.walk(), two.walk()]);
    const told = [...one.logged, ...two.logged].map((line) => Number(/\d+/.exec(line)?.[0] ?? 0));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(150);
    const { db } = await raw();
    const count = db.selectFrom("sealed_boxes").select(({ fn }) => fn.countAll().as("count"));
    expect(await count.executeTakeFirst()).toEqual({ count: 150 });
  });
});
