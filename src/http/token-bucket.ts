/** Token buckets: so much at once, so much per second after that, for each of a bounded number of keys. */

import { createLru } from "../audit/lru.ts";

export interface Rate {
  readonly perSecond: number;
  /** How much an idle key may take at once. */
  readonly burst: number;
}

export interface Taking {
  readonly granted: boolean;
  /** What is left, rounded down. */
  readonly left: number;
  /** Until there is one again; 0 while there is. */
  readonly waitMs: number;
}

/** Takes one. */
export type Buckets = (key: string) => Taking;

/** However many keys there are, memory is for so many; a key that was not seen for longest starts again full. */
const MAX_KEYS = 10_000;

export function tokenBuckets(rate: Rate, nowMs: () => number): Buckets {
  const { perSecond, burst } = rate;
  const buckets = createLru<string, { readonly level: number; readonly at: number }>(MAX_KEYS);
  return (key) => {
    const now = nowMs();
    const { level, at } = buckets.get(key) ?? { level: burst, at: now };
    // A clock that goes back takes nothing away.
    const refilled = Math.min(burst, level + (Math.max(0, now - at) * perSecond) / 1000);
    const granted = refilled >= 1;
    const rest = granted ? refilled - 1 : refilled;
    buckets.set(key, { level: rest, at: now });
    const waitMs = rest >= 1 ? 0 : Math.ceil(((1 - rest) * 1000) / perSecond);
    return { granted, left: Math.floor(rest), waitMs };
  };
}
