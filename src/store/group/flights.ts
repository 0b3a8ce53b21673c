/**
 * When the next statement goes, while others are under way. Each costs the database and us the same again however little is
 * in it, so a further one goes when it is nearly full, or when those before it take long; the first never waits.
 */

import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";

export interface Flights {
  /** Whether one may go now. If not, and something waits, `onReady` will be called. */
  readonly mayGo: (waiting: number) => boolean;
  readonly fly: (flight: Promise<void>) => Promise<void>;
}

/** More under way at once, and throughput no longer grows. */
const MAX_FLIGHTS = 3;
/** A commit takes less, unless it waits for somebody: a lock, a standby far away. */
const LONG_MS = 10;

/** @param full as many as are worth a statement beside others */
export function createFlights(full: number, onReady: () => void): Flights {
  let underWay = 0;
  let lastStart = 0;
  let timer: NodeJS.Timeout | null = null;

  const lookAgainIn = (ms: number): void => {
    timer ??= setTimeout(() => {
      timer = null;
      onReady();
    }, ms);
  };

  return {
    mayGo: (waiting) => {
      if (waiting === 0 || underWay >= MAX_FLIGHTS) return false;
      const left = lastStart + LONG_MS - performance.now();
      if (underWay === 0 || waiting >= full || left <= 0) return true;
      lookAgainIn(left);
      return false;
    },
    fly: async (flight) => {
      underWay += 1;
      lastStart = performance.now();
      await flight;
      underWay -= 1;
      if (underWay === 0 && timer !== null) {
        clearTimeout(timer);
        timer = null;
      }
      onReady();
    },
  };
}
