/** Work in turns: in order, whole, and never for long in one piece. */

import { describe, expect, test } from "vitest";
import { inTurns } from "../../src/runtime/in-turns.ts";

const numbers = Array.from({ length: 260 }, (_, index) => index);

describe("inTurns", () => {
  test("gives every result in its place", async () => {
    const doubled = await inTurns(numbers, async (number) => {
      await Promise.resolve();
      return number * 2;
    });
    expect(doubled).toEqual(numbers.map((number) => number * 2));
    expect(await inTurns([], () => 1)).toEqual([]);
  });

  test("lets others have their turn after a few", async () => {
    const turns = new Set<number>();
    let turn = 0;
    const others = setInterval(() => (turn += 1), 0);
    await inTurns(numbers, () => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      turns.add(turn);
    });
    clearInterval(others);
    expect(turns.size).toBeGreaterThan(5);
  });

  test("begins no more when a piece of work fails", async () => {
    let begun = 0;
    const failing = inTurns(numbers, (number) => {
      begun += 1;
      if (number === 30) throw new Error("the thirtieth");
      return number;
    });
    await expect(failing).rejects.toThrow("the thirtieth");
    expect(begun).toBeLessThan(60);
  });
});
