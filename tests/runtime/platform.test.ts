import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";

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

describe("the system's randomness", () => {
  test("gives as many bytes as asked, never the same twice, and to nobody what another one got", () => {
    const seen = new Set<string>();
    for (let count = 0; count < 2_000; count += 1) {
      const size = [12, 16, 32, 64, 65, 5_000][count % 6] ?? 0;
      const bytes = systemRandom(size);
      expect(bytes).toHaveLength(size);
      seen.add(Buffer.from(bytes).toString("hex"));
      if (size <= 64) expect(bytes.buffer.byteLength).toBe(size);
    }
    expect(seen.size).toBe(2_000);
  });

  test("sets every bit half of the time", () => {
    const ones = Array.from({ length: 96 }, () => 0);
    const rounds = 20_000;
    for (let round = 0; round < rounds; round += 1) {
      const bytes = systemRandom(12);
      for (const at of ones.keys())
        ones[at] = (ones[at] ?? 0) + (((bytes[at >> 3] ?? 0) >> (at & 7)) & 1);
    }
    // Eight standard deviations.
    for (const count of ones)
      expect(Math.abs(count - rounds / 2)).toBeLessThan((8 * Math.sqrt(rounds)) / 2);
  });
});
