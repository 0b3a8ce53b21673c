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

export const systemRandom: Random = (size) => randomBytes(size);
