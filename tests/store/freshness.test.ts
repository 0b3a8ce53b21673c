/** How old a replica may be is told by one clock, and never as less than it is. */

import { setImmediate } from "node:timers/promises";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createFreshness, type Freshness } from "../../src/store/freshness.ts";

/** A primary and its replica, in the test's hands. */
interface World {
  nowMs: number;
  written: number;
  replayed: number | null;
  broken: "primary" | "replica" | null;
  readonly freshness: Freshness;
}

function world(): World {
  const made = { nowMs: 0, written: 0, replayed: 0, broken: null };
  const ports = {
    nowMs: () => all.nowMs,
    written: async () => {
      if (all.broken === "primary") throw new Error("gone");
      return all.written;
    },
    replayed: async () => {
      if (all.broken === "replica") throw new Error("gone");
      return all.replayed;
    },
  };
  const all: World = { ...made, freshness: createFreshness(ports) };
  return all;
}

describe("freshness", () => {
  test("is that of the last look at which the replica had all", async () => {
    const all = world();
    expect(await all.freshness.asOf(1_000)).toBe(0);
    all.nowMs = 900;
    all.written = 10;
    expect(await all.freshness.asOf(1_000)).toBe(0);
    all.nowMs = 1_100;
    expect(await all.freshness.asOf(1_000)).toBeNull();
    all.nowMs = 1_900;
    all.replayed = 10;
    expect(await all.freshness.asOf(1_000)).toBe(1_900);
  });

  test("of a replica that lags is measured by looks of before", async () => {
    const all = world();
    for (all.nowMs = 0; all.nowMs <= 10_000; all.nowMs += 500) {
      all.written = all.nowMs;
      all.replayed = Math.max(0, all.nowMs - 3_000);
      await all.freshness.asOf(1_000);
    }
    all.nowMs = 10_200;
    expect(await all.freshness.asOf(1_000)).toBeNull();
    expect(await all.freshness.asOf(5_000)).toBe(7_000);
  });

  test("grows old while the primary is gone, and is unknown while the replica is", async () => {
    const all = world();
    await all.freshness.asOf(1_000);
    all.broken = "primary";
    all.nowMs = 2_000;
    expect(await all.freshness.asOf(3_000)).toBe(0);
    all.nowMs = 3_001;
    expect(await all.freshness.asOf(3_000)).toBeNull();
    all.broken = "replica";
    all.nowMs = 3_200;
    expect(await all.freshness.asOf(60_000)).toBe(0);
    all.nowMs = 40_000;
    expect(await all.freshness.asOf(60_000)).toBe(0);
    // Nobody waited for that look.
    await setImmediate();
    expect(await all.freshness.asOf(60_000)).toBeNull();
    all.broken = null;
    expect(await all.freshness.asOf(60_000)).toBeNull();
    all.nowMs = 46_000;
    expect(await all.freshness.asOf(60_000)).toBe(46_000);
  });

  test("of a replica that was promoted is none", async () => {
    const all = world();
    all.replayed = null;
    expect(await all.freshness.asOf(60_000)).toBeNull();
  });

  test("is never better than it is, whatever both do", async () => {
    const step = fc.record({
      afterMs: fc.nat(700),
      writes: fc.nat(3),
      replays: fc.double({ min: 0, max: 1, noNaN: true }),
      broken: fc.constantFrom(null, null, null, "primary" as const, "replica" as const),
      maxStaleMs: fc.integer({ min: 1, max: 3_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const all = world();
        const writes: { readonly atMs: number; readonly position: number }[] = [];
        for (const { afterMs, writes: count, replays, broken, maxStaleMs } of steps) {
          all.nowMs += afterMs;
          all.broken = broken;
          if (count > 0) {
            all.written += count;
            writes.push({ atMs: all.nowMs - 1, position: all.written });
          }
          const replayed = all.replayed ?? 0;
          all.replayed = replayed + Math.floor((all.written - replayed) * replays);
          const asOf = await all.freshness.asOf(maxStaleMs);
          if (asOf === null) continue;
          const { replayed: there } = all;
          const missing = writes.filter(({ position }) => position > (there ?? 0));
          expect(missing.filter(({ atMs }) => atMs < asOf)).toEqual([]);
          expect(all.nowMs - asOf).toBeLessThanOrEqual(maxStaleMs);
        }
      }),
    );
  });
});
