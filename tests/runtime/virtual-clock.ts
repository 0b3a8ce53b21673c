/** A clock that stands still until a test moves it; whoever sleeps on it wakes when it gets there. */

import type { Clock } from "../../src/runtime/ports.ts";

export interface VirtualClock extends Clock {
  readonly advance: (ms: number) => void;
}

export function virtualClock(startsAt: number): VirtualClock {
  let now = startsAt;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener("abort", sleeper.wake, { once: true });
      }),
    advance: (ms) => {
      now += ms;
      for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake();
    },
  };
}
