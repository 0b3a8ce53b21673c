/** A real server's clock and randomness: no other file of the runtime touches the platform's. */

import { randomBytes } from "node:crypto";
import type { Clock, Random } from "./ports.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  // By hand, because the platform's own makes an error with its stack of every abort, and here an abort is no failure.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end, { once: true });
    }),
};

/** To ask the platform costs the same for a nonce as for a hundred of them. */
const POOL_BYTES = 4_096;
const MOST_POOLED = 64;
let pool = new Uint8Array(0);
let taken = 0;

export const systemRandom: Random = (size) => {
  if (size > MOST_POOLED) return randomBytes(size);
  if (taken + size > pool.length) {
    pool = Uint8Array.from(randomBytes(POOL_BYTES));
    taken = 0;
  }
  taken += size;
  // A copy, and nothing of it stays: who holds one must not get at the others.
  const bytes = pool.slice(taken - size, taken);
  pool.fill(0, taken - size, taken);
  return bytes;
};
