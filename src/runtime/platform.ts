/** The ports of a real server: the only file of the runtime that touches the platform's clock and randomness. */

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
