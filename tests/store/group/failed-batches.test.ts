/** An operator sees why batches fail: the first at once, and of a flood one line a second that counts the rest. */

import { describe, expect, test } from "vitest";

import type { StoreLog } from "../../../src/store/contracts/log.ts";
import { StoreUnavailable } from "../../../src/store/errors.ts";
import { createFailedBatches } from "../../../src/store/group/failed-batches.ts";
import { storeOn } from "../../../src/store/store-on.ts";
import { describeOnDatabases } from "../../support/databases.ts";
import { advance } from "../fixtures.ts";

function collected() {
  const lines: { readonly [member: string]: unknown }[] = [];
  const log: StoreLog = { warn: (fields, message) => lines.push({ ...fields, message }) };
  return { log, lines };
}

const refused = Object.assign(new Error("no space left"), { code: "53100" });

describe("batches that fail", () => {
  test("are told of with error, orders and SQLSTATE, once a second at most, the others counted", () => {
    const { log, lines } = collected();
    let now = 5;
    const failed = createFailedBatches(log, () => now);
    for (let each = 0; each < 100; each += 1) failed.tell(refused, 128);
    expect(lines).toEqual([
      expect.objectContaining({ err: refused, orders: 128, sqlState: "53100", untold: 0 }),
    ]);
    now += 999;
    failed.tell(refused, 16);
    expect(lines).toHaveLength(1);
    now += 1;
    failed.tell(refused, 2);
    expect(lines[1]).toMatchObject({ orders: 2, untold: 100 });
  });

  test("name the SQLSTATE of what caused them, and none where the database said none", () => {
    const { log, lines } = collected();
    let now = 0;
    const failed = createFailedBatches(log, () => (now += 2_000));
    failed.tell(new StoreUnavailable("gone", { cause: refused }), 1);
    failed.tell(Object.assign(new Error("cut"), { code: "ECONNRESET" }), 1);
    expect(lines.map(({ sqlState }) => sqlState)).toEqual(["53100", null]);
  });
});

describeOnDatabases("batches that fail", (_open, _kind, raw) => {
  test("are told of by the store, and their orders get through by themselves", async () => {
    const database = await raw();
    const { log, lines } = collected();
    const store = storeOn({ ...database, close: () => Promise.resolve() }, { log });
    const poison = { head: { businessKey: "a\u0000b" } };
    const ends = await Promise.allSettled([
      advance(store, "o1"),
      advance(store, "o2", poison),
      advance(store, "o3"),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ orders: 3, untold: 0, sqlState: "22021" });
    await store.close();
  });
});
