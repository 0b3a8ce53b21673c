/** Calls that come together become one statement, and keep their own ends. */

import { describe, expect, test } from "vitest";

import { StoreUnavailable } from "../../src/store/errors.ts";
import { gathered } from "../../src/store/gathered.ts";

const settled = (calls: readonly Promise<unknown>[]) =>
  Promise.allSettled(calls).then((ends) =>
    ends.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason))),
  );

describe("gathered calls", () => {
  test("go alone at once, and then together, no more than the most", async () => {
    const runs: (readonly number[])[] = [];
    const double = gathered(3, async (items: readonly number[]) => {
      runs.push(items);
      await Promise.resolve();
      return items.map((item) => 2 * item);
    });
    expect(await settled([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10]);
    expect(runs).toEqual([[1], [2, 3, 4], [5]]);
    expect(await double(6)).toBe(12);
    expect(runs.at(-1)).toEqual([6]);
  });

  test("fail alone, and all when the database is away", async () => {
    let isAway = false;
    const check = gathered(9, async (items: readonly number[]) => {
      if (isAway) throw new StoreUnavailable("away");
      if (items.includes(3)) throw new Error("no 3");
      return items;
    });
    expect(await settled([1, 2, 3, 4].map(check))).toEqual([1, 2, "Error: no 3", 4]);
    isAway = true;
    const away = "StoreUnavailable: away";
    expect(await settled([1, 2, 3].map(check))).toEqual([away, away, away]);
    isAway = false;
    expect(await check(5)).toBe(5);
  });
});
