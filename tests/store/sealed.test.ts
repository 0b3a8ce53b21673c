/** What is read of sealed values when their rows are not as the store wrote them once, on every database. */

import { expect, test } from "vitest";

import { describeOnDatabases } from "../support/databases.ts";
import { advance } from "./fixtures.ts";

describeOnDatabases("a sealed value", (open, _kind, raw) => {
  test("that was written twice is one", async () => {
    const store = await open();
    await advance(store, "o1", { sealed: [TRUE_VALUE] });
    await advance(store, "o1", { sealed: [TRUE_VALUE] });
    expect(await store.sealed.rows("o1", [COMMITMENT])).toEqual([TRUE_VALUE]);
  });

  test("beside which somebody put another under its commitment hides none of both", async () => {
    const store = await open();
    await advance(store, "o1", { sealed: [TRUE_VALUE] });
    const { db } = await raw();
    const forged = { ...TRUE_VALUE, value: "forged" };
    await db
      .insertInto("sealed")
      .values({ ...forged, order_id: "o1", value: JSON.stringify(forged.value) })
      .execute();
    const found = await store.sealed.rows("o1", [COMMITMENT]);
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining([TRUE_VALUE, forged]));
  });
});

const COMMITMENT = "a".repeat(64);
const TRUE_VALUE = { commitment: COMMITMENT, salt: "0".repeat(64), value: "true" };
