/** The archive's loop on a clock of its own: when it begins, how much it takes at once, and how long it rests. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createArchiving } from "../../src/runtime/archiving.ts";
import type { Archived, ArchiveRequest } from "../../src/store/contracts/archive.ts";
import { numbers } from "../store/fixtures.ts";
import { virtualClock } from "./virtual-clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 20, 8);
const BATCH = { orders: 4, entries: 200, failed: [] };
const DONE: Archived = { ...BATCH, next: null };
const MORE: Archived = { ...BATCH, next: { createdAt: START, id: "o1" } };

/** @param work what a batch moves, and how long that takes */
function archiving(
  work: (request: ArchiveRequest) => { readonly moved: Archived; readonly tookMs: number },
  { knownMs = 0, knownForMs = 0 } = {},
) {
  const clock = virtualClock(START);
  const requests: (ArchiveRequest & { readonly at: number })[] = [];
  const errors: unknown[] = [];
  let prepared = 0;
  const archive = {
    knownForMs: () => Promise.resolve(knownForMs + clock.now() - START),
    prepare: () => {
      prepared += 1;
      return Promise.resolve();
    },
    move: (request: ArchiveRequest) => {
      requests.push({ ...request, at: clock.now() - START });
      const { moved, tookMs } = work(request);
      clock.advance(tookMs);
      return Promise.resolve(moved);
    },
    months: () => Promise.resolve([]),
    detach: () => Promise.resolve(false),
    attach: () => Promise.resolve(false),
  };
  const silent = { info: () => {}, warn: () => {} };
  const log = { ...silent, error: (fields: unknown) => void errors.push(fields) };
  const round = createArchiving({ store: { archive }, clock, log }, { afterMs: HOUR, knownMs });
  /** As a loop does it, which never sleeps for longer than a second. */
  const pass = async (ms: number) => {
    const until = clock.now() + ms;
    while (clock.now() < until) clock.advance(Math.min(await round(), 1_000, until - clock.now()));
  };
  return { pass, requests, errors, prepared: () => prepared };
}

describe("archiving", () => {
  test("looks a minute after the start, and a minute after it has seen all", async () => {
    const { pass, requests, prepared } = archiving(() => ({ moved: DONE, tookMs: 1 }));
    await pass(MINUTE);
    expect(requests).toEqual([]);
    await pass(2 * MINUTE);
    expect(requests.map(({ at, after }) => [Math.round(at / MINUTE), after])).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(requests.every(({ olderThanMs }) => olderThanMs === HOUR)).toBe(true);
    expect(prepared()).toBe(2);
  });

  test("moves nothing before servers had their time to learn of the archive", async () => {
    const { pass, requests, prepared } = archiving(() => ({ moved: DONE, tookMs: 1 }), {
      knownMs: DAY,
      knownForMs: 23 * HOUR,
    });
    await pass(HOUR);
    expect([requests.length, prepared()]).toEqual([0, 0]);
    await pass(MINUTE);
    expect(requests).toHaveLength(1);
  });

  test("goes on behind the last batch, and tells of orders that could not be moved", async () => {
    const error = new Error("torn");
    const batches = [
      { ...MORE, failed: numbers(12).map((nth) => ({ id: `o${nth}`, error })) },
      MORE,
      DONE,
    ];
    const { pass, requests, errors, prepared } = archiving(() => ({
      moved: batches.shift() ?? DONE,
      tookMs: 10,
    }));
    await pass(MINUTE + 2_000);
    expect(requests.map(({ after }) => after)).toEqual([null, MORE.next, MORE.next]);
    const orders = numbers(10).map((nth) => `o${nth}`);
    expect(errors).toEqual([{ count: 12, orders, err: error }]);
    expect(prepared()).toBe(1);
  });

  test("takes a twentieth of one connection's time at most, however long a batch takes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1 }),
        async (took) => {
          let turn = 0;
          let worked = 0;
          const { pass, requests } = archiving(() => {
            const tookMs = took[turn++ % took.length] ?? 0;
            worked += tookMs;
            return { moved: MORE, tookMs };
          });
          await pass(30 * MINUTE);
          // The last one has not rested yet.
          const last = took[(turn - 1) % took.length] ?? 0;
          expect(requests.length).toBeGreaterThan(1);
          expect(worked - last).toBeLessThanOrEqual((30 * MINUTE) / 20);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("takes as much at once as 40 ms allow, between 50 and 2,000 entries", async () => {
    const lastOf = async (msPerEntry: number) => {
      const { pass, requests } = archiving(({ entries }) => ({
        moved: { ...MORE, entries },
        tookMs: entries * msPerEntry,
      }));
      await pass(10 * MINUTE);
      return requests.at(-1)?.entries;
    };
    expect(await Promise.all([0.001, 0.1, 0.4, 5].map(lastOf))).toEqual([2_000, 400, 100, 50]);
  });

  test("waits no longer than a minute when the server's clock is set back", async () => {
    const clock = virtualClock(START);
    let looks = 0;
    const archive = {
      knownForMs: () => Promise.resolve(0),
      prepare: () => Promise.resolve(),
      move: () => {
        looks += 1;
        return Promise.resolve(DONE);
      },
      months: () => Promise.resolve([]),
      detach: () => Promise.resolve(false),
      attach: () => Promise.resolve(false),
    };
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const round = createArchiving(
      { store: { archive }, clock, log },
      { afterMs: HOUR, knownMs: 0 },
    );
    clock.advance(-DAY);
    await round();
    expect(looks).toBe(1);
  });
});
