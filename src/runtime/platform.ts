/** A real server's clock and randomness: no other file of the runtime touches the platform's. */

import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Clock, Random } from "./ports.ts";

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // An abort ends the sleep; it is no failure.
    await setTimeout(ms, undefined, { signal }).catch(() => undefined);
  },
};

export const systemRandom: Random = (size) => randomBytes(size);
