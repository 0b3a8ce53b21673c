import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/platform.ts";

const LONG_MS = 60_000;

describe("the system's clock", () => {
  test("sleeps for the time it is given, and leaves nothing on the signal", async () => {
    const { signal } = new AbortController();
    const from = performance.now();
    await systemClock.sleep(20, signal);
    expect(performance.now() - from).toBeGreaterThan(18);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("ends a sleep when the signal aborts, whatever the reason", async () => {
    const stop = new AbortController();
    const asleep = systemClock.sleep(LONG_MS, stop.signal);
    stop.abort("woken");
    await expect(asleep).resolves.toBeUndefined();
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  });

  test("does not begin to sleep where the signal has aborted", async () => {
    await expect(systemClock.sleep(LONG_MS, AbortSignal.abort())).resolves.toBeUndefined();
  });
});
