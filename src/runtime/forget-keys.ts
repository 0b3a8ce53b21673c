/** Idempotency records are kept for two days, and then forgotten, a few at a time. */

import type { Store } from "../store/store.ts";
import type { Clock } from "./ports.ts";

/** Twice what is promised: a client may come back after a day, and on another server's clock. */
export const KEPT_MS = 48 * 3_600_000;
const BATCH = 1_000;
const LOOK_EVERY_MS = 60_000;

/** @returns a round of a loop; rounds between two looks do nothing */
export function createForgetting(store: Store, clock: Clock): () => Promise<number> {
  let nextAt = 0;
  return async () => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0 && leftMs <= LOOK_EVERY_MS) return leftMs;
    const forgotten = await store.idempotency.forget(KEPT_MS, BATCH);
    if (forgotten === BATCH) return 0;
    nextAt = clock.now() + LOOK_EVERY_MS;
    return LOOK_EVERY_MS;
  };
}
