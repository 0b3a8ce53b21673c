/** Remembers for a second or two what many ask for at the same time, so that it is made once for all of them. */

import type { Clock } from "./ports.ts";

export interface ShortMemory<T> {
  /** @throws what `make` throws; then whoever asks next makes it again */
  readonly recall: (key: string, make: () => Promise<T>) => Promise<T>;
}

/** Nothing is kept for longer than twice this. */
const KEPT_MS = 1_000;
/** Of each second; what comes beyond is made for each who asks. */
const MAX_KEPT = 500;

export function createShortMemory<T>(clock: Clock): ShortMemory<T> {
  let fresh = new Map<string, Promise<T>>();
  let aging = new Map<string, Promise<T>>();
  let isForgetting = false;

  const forget = async (): Promise<void> => {
    while (fresh.size + aging.size > 0) {
      aging = fresh;
      fresh = new Map();
      await clock.sleep(KEPT_MS, new AbortController().signal);
    }
    isForgetting = false;
  };

  return {
    recall: (key, make) => {
      const known = fresh.get(key) ?? aging.get(key);
      if (known !== undefined) return known;
      const made = make();
      if (fresh.size >= MAX_KEPT) return made;
      fresh.set(key, made);
      made.catch(() => {
        fresh.delete(key);
        aging.delete(key);
      });
      if (!isForgetting) {
        isForgetting = true;
        void forget();
      }
      return made;
    },
  };
}
