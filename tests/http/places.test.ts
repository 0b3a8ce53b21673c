/** A server that answers so many requests a second, one after the other, on virtual time. */

import { describe, expect, test } from "vitest";
import { createPlaces } from "../../src/http/places.ts";
import { quantile } from "../bench/support/statistics.ts";

const MAX = 1_000;
const SECONDS = 20;
/** What comes before that has found its level. */
const SETTLED_MS = 5_000;

interface Stream {
  readonly caller: string;
  readonly perSecond: number;
  /** Answered at once, from memory. */
  readonly isQuick?: boolean;
}

interface Outcome {
  readonly answered: number;
  readonly refused: number;
  readonly p99: number;
}

/** Requests that come whatever becomes of those before. */
function open(
  capacity: number,
  streams: readonly Stream[],
): { readonly [caller: string]: Outcome } {
  let now = 0;
  const places = createPlaces({ max: MAX, nowMs: () => now });
  const arrivals = streams
    .flatMap(({ caller, perSecond, isQuick = false }) =>
      Array.from({ length: perSecond * SECONDS }, (_, n) => ({
        ...{ caller, isQuick },
        at: (n * 1_000) / perSecond,
      })),
    )
    .toSorted((a, b) => a.at - b.at);
  const queue: { readonly endsAt: number; readonly end: () => void }[] = [];
  const took: Record<string, number[]> = {};
  const refused: Record<string, number> = {};
  let freeAt = 0;
  for (const { caller, isQuick, at } of arrivals) {
    for (let next = queue[0]; next !== undefined && next.endsAt <= at; next = queue[0]) {
      now = next.endsAt;
      next.end();
      queue.shift();
    }
    now = at;
    const place = places.enter(caller);
    if (place === null) {
      if (at > SETTLED_MS) refused[caller] = (refused[caller] ?? 0) + 1;
      continue;
    }
    if (isQuick) {
      place.leave(true);
      continue;
    }
    freeAt = Math.max(freeAt, at) + 1_000 / capacity;
    const endsAt = freeAt;
    queue.push({
      endsAt,
      end: () => {
        place.leave(true);
        if (at > SETTLED_MS) (took[caller] ??= []).push(endsAt - at);
      },
    });
  }
  return Object.fromEntries(
    streams.map(({ caller }) => {
      const times = took[caller] ?? [];
      const p99 = quantile(times, 0.99);
      return [caller, { answered: times.length, refused: refused[caller] ?? 0, p99 }];
    }),
  );
}

describe("places", () => {
  test.each([1_500, 5_000, 20_000])(
    "at twice the capacity of %i a second, who gets in waits no longer than three times what 256 clients do, and a moment",
    (capacity) => {
      const { some } = open(capacity, [
        { caller: "some", perSecond: capacity },
        { caller: "other", perSecond: capacity },
      ]);
      expect(some?.p99).toBeLessThan((3 * 256 * 1_000) / capacity + 50);
      expect(some?.answered).toBeGreaterThan(0.9 * (capacity / 2) * 15);
      expect(some?.refused).toBeGreaterThan(0);
    },
  );

  test("where hardly anything is answered, nobody waits much longer than a second", () => {
    const { some } = open(100, [
      { caller: "some", perSecond: 100 },
      { caller: "other", perSecond: 100 },
    ]);
    expect(some?.p99).toBeLessThan(1_300);
    expect(some?.answered).toBeGreaterThan(0.9 * 50 * 15);
  });

  test("what is answered from memory hides no queue in which others stand", () => {
    const { some } = open(5_000, [
      { caller: "some", perSecond: 10_000 },
      { caller: "reader", perSecond: 1_000, isQuick: true },
    ]);
    expect(some?.p99).toBeLessThan((3 * 256 * 1_000) / 5_000);
    expect(some?.answered).toBeGreaterThan(0.9 * 5_000 * 15);
  });

  test("below capacity nobody is refused", () => {
    const { some } = open(5_000, [{ caller: "some", perSecond: 4_900 }]);
    expect(some?.refused).toBe(0);
  });

  test("a caller who asks for ten times what there is keeps out nobody who asks for a little", () => {
    const { modest, greedy } = open(2_000, [
      { caller: "greedy", perSecond: 20_000 },
      { caller: "modest", perSecond: 500 },
    ]);
    expect(modest?.refused).toBeLessThan(0.01 * 500 * 15);
    expect(greedy?.refused).toBeGreaterThan(0);
    expect(greedy?.answered).toBeGreaterThan(0.9 * 1_500 * 15);
  });

  test("a caller who is alone leaves a place for whoever comes", () => {
    const places = createPlaces({ max: MAX, nowMs: () => 0 });
    const taken = Array.from({ length: MAX }, () => places.enter("greedy"));
    expect(taken.filter((place) => place !== null)).toHaveLength(875);
    expect(places.enter("modest")).not.toBeNull();
    taken[0]?.leave(true);
    expect(places.enter("greedy")).toBeNull();
  });

  test("patient callers are not sent away because answers come by the batch", () => {
    let now = 0;
    const places = createPlaces({ max: MAX, nowMs: () => now });
    const enter = () => places.enter("some");
    let underWay = Array.from({ length: 256 }, enter);
    for (let batch = 0; batch < 200; batch += 1) {
      // 128 at once, now early, now late: a thousand a second, of which a short while sees nearly all or a few.
      now += batch % 2 === 0 ? 20 : 236;
      const [answered, waiting] = [underWay.slice(0, 128), underWay.slice(128)];
      for (const [index, place] of answered.entries()) {
        expect(place).not.toBeNull();
        // A batch's answers are written one after the other.
        if (index === 20) now += 101;
        place?.leave(true);
        waiting.push(enter());
      }
      underWay = waiting;
    }
  });

  test("times in which nobody asks do not count as slow answers", () => {
    let now = 0;
    const places = createPlaces({ max: MAX, nowMs: () => now });
    for (let burst = 0; burst < 50; burst += 1) {
      const asking = Array.from({ length: 60 }, () => places.enter("some"));
      expect(asking.every((place) => place !== null)).toBe(true);
      now += 60;
      for (const place of asking) place?.leave(true);
      now += 10_000;
    }
  });

  test("what waits on purpose says nothing about a queue", () => {
    let now = 0;
    const places = createPlaces({ max: MAX, nowMs: () => now });
    for (let n = 0; n < 100; n += 1) {
      const waiting = Array.from({ length: 20 }, () => places.enter("worker"));
      now += 1_000;
      for (const place of waiting) place?.leave(false);
    }
    const all = Array.from({ length: 800 }, () => places.enter("some"));
    expect(all.every((place) => place !== null)).toBe(true);
  });

  test("there are never more than the operator allows, and a place that is left is free", () => {
    const places = createPlaces({ max: 2, nowMs: () => 0 });
    const first = places.enter("some");
    expect(places.enter("some")).not.toBeNull();
    expect(places.enter("other")).toBeNull();
    first?.leave(true);
    first?.leave(true);
    expect(places.enter("other")).not.toBeNull();
    expect(places.enter("other")).toBeNull();
  });
});
