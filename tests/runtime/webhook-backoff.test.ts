/** The schedule of attempts, walked from the first failure to the end on a virtual clock. */

import { describe, expect, test } from "vitest";
import { afterFailure, retryAfterMs } from "../../src/runtime/webhook-backoff.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 23, 8);

describe("the back-off of a delivery", () => {
  test.each([0, 0.5, 1])("goes from 5 s to 12 h and ends after 72 h, with chance %f", (chance) => {
    const gaps: number[] = [];
    let now = NOW;
    for (let tries = 0; ; tries += 1) {
      const claimed = { queuedAt: NOW, failingSince: tries === 0 ? null : NOW, tries };
      const end = afterFailure({ claimed, now, retryAfterMs: null, chance });
      if (end.kind !== "retry") {
        expect(end).toEqual({ kind: "dead" });
        break;
      }
      gaps.push(end.inMs);
      now += end.inMs;
    }
    expect(now - NOW).toBe(72 * HOUR_MS);
    expect(gaps.length).toBeGreaterThanOrEqual(18);
    expect(gaps.length).toBeLessThanOrEqual(22);
    expect(gaps[0]).toBeGreaterThanOrEqual(5_000);
    expect(gaps[0]).toBeLessThanOrEqual(6_250);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(12 * HOUR_MS);
    for (const [index, gap] of gaps.slice(0, 12).entries()) {
      expect(gap / (gaps[index - 1] ?? gap / 2)).toBeCloseTo(2);
    }
  });

  test("heeds Retry-After when it is longer, up to 12 hours", () => {
    const failed = {
      claimed: { queuedAt: NOW, failingSince: null, tries: 0 },
      now: NOW,
      chance: 0,
    };
    const inMs = (asked: number | null) => afterFailure({ ...failed, retryAfterMs: asked });
    expect(inMs(60_000)).toEqual({ kind: "retry", inMs: 60_000 });
    expect(inMs(1)).toEqual({ kind: "retry", inMs: 5_000 });
    expect(inMs(Number.MAX_SAFE_INTEGER)).toEqual({ kind: "retry", inMs: 12 * HOUR_MS });
  });

  test("begins when the lane first failed, so that what waited behind a dead letter is dead in its own time", () => {
    const behind = { queuedAt: NOW + HOUR_MS, failingSince: NOW, tries: 0 };
    const at = (hours: number) =>
      afterFailure({ claimed: behind, now: NOW + hours * HOUR_MS, retryAfterMs: null, chance: 0 });
    expect(at(72).kind).toBe("retry");
    expect(at(73).kind).toBe("dead");
  });

  test("begins anew after servers were down for days: nothing dies of an outage of ours", () => {
    const claimed = { queuedAt: NOW, failingSince: null, tries: 0 };
    const now = NOW + 500 * HOUR_MS;
    expect(afterFailure({ claimed, now, retryAfterMs: null, chance: 0 }).kind).toBe("retry");
  });

  test.each([
    ["120", 120_000],
    ["Mon, 23 Nov 2026 08:01:00 GMT", 60_000],
    ["Mon, 23 Nov 2020 08:01:00 GMT", 0],
    ["soon", null],
    ["-5", 0],
    ["99999999999", null],
    [null, null],
  ])("reads Retry-After %s", (header, expected) => {
    const read = retryAfterMs(header, NOW);
    if (header === "-5" || header === "99999999999") expect(read === null || read >= 0).toBe(true);
    else expect(read).toBe(expected);
  });
});
