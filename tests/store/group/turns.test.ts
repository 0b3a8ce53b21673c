/** Whose turn it is, who finds room, and how many are at work at once. */

import { setImmediate } from "node:timers/promises";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createFairQueue } from "../../../src/store/group/fair-queue.ts";
import { fewAtOnce } from "../../../src/store/group/few-at-once.ts";
import { createShares } from "../../../src/store/group/shares.ts";
import { numbers } from "../fixtures.ts";

const owners = fc.constantFrom("a", "b", "c", "d");

describe("a fair queue", () => {
  test("gives everything once, one owner's in its order, and nobody two turns while another waits", () => {
    fc.assert(
      fc.property(fc.array(owners), (added) => {
        const queue = createFairQueue<readonly [owner: string, place: number]>();
        for (const [place, owner] of added.entries()) queue.add(owner, [owner, place]);
        const taken = added.map(() => queue.take());
        expect(queue.take()).toBeNull();
        const left = new Map(numbers(0).map(() => ["", 0]));
        for (const owner of added) left.set(owner, (left.get(owner) ?? 0) + 1);
        const places = new Map<string, number>();
        let round = new Set<string>();
        for (const each of taken) {
          if (each === null) throw new Error("expected as many as were added");
          const [owner, place] = each;
          expect(place).toBeGreaterThan(places.get(owner) ?? -1);
          places.set(owner, place);
          // A second turn comes when all others that wait have had theirs.
          if (round.has(owner)) {
            expect([...left].filter(([other, count]) => count > 0 && !round.has(other))).toEqual(
              [],
            );
            round = new Set();
          }
          round.add(owner);
          left.set(owner, (left.get(owner) ?? 0) - 1);
        }
        expect(taken).toHaveLength(added.length);
      }),
    );
  });

  test("lets one who comes late in before the second of a flood", () => {
    const queue = createFairQueue<string>();
    for (const number of numbers(100)) queue.add("flood", `flood ${number}`);
    queue.take();
    queue.add("late", "late");
    expect([queue.take(), queue.take()]).toEqual(["flood 2", "late"]);
  });
});

describe("shares", () => {
  test("never exceed the room, and leave one who floods half of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(owners), (capacity, asked) => {
        const shares = createShares(capacity);
        const taken = new Map<string, number>();
        for (const owner of asked) {
          if (!shares.hasRoom(owner)) continue;
          shares.take(owner, 1);
          taken.set(owner, (taken.get(owner) ?? 0) + 1);
        }
        const counts = [...taken.values()];
        expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(capacity);
      }),
    );
    const shares = createShares(10);
    const flooded = numbers(20).filter(() => {
      const has = shares.hasRoom("flood");
      if (has) shares.take("flood", 1);
      return has;
    });
    expect(flooded).toHaveLength(5);
    expect(shares.hasRoom("other")).toBe(true);
  });

  test("that are given back can be taken again", () => {
    const shares = createShares(1);
    shares.take("a", 1);
    expect(shares.hasRoom("b")).toBe(false);
    shares.take("a", -1);
    expect(shares.hasRoom("b")).toBe(true);
  });
});

describe("few at once", () => {
  test("are never more, and all of them come to an end", async () => {
    const inTurn = fewAtOnce(3);
    let running = 0;
    let most = 0;
    let ended = 0;
    for (const number of numbers(20)) {
      inTurn(`owner ${number % 2}`, async () => {
        running += 1;
        most = Math.max(most, running);
        await setImmediate();
        running -= 1;
        ended += 1;
      });
    }
    await expect.poll(() => ended).toBe(20);
    expect(most).toBe(3);
  });
});
