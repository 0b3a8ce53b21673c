/** Tells the operator of batches that failed as a whole, once a second at most: a database in trouble fails many of them. */

import type { StoreLog } from "../contracts/log.ts";

export interface FailedBatches {
  /** @param orders how many of them the batch would have moved */
  readonly tell: (error: unknown, orders: number) => void;
}

const PAUSE_MS = 1_000;

/** @param elapsed milliseconds */
export function createFailedBatches(
  log: StoreLog | undefined,
  elapsed: () => number,
): FailedBatches {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return {
    tell: (err, orders) => {
      if (log === undefined) return;
      const now = elapsed();
      if (now - toldAt < PAUSE_MS) {
        untold += 1;
        return;
      }
      log.warn(
        { err, orders, sqlState: sqlStateOf(err), untold },
        "a batch of transitions failed as a whole; its parts are tried by themselves",
      );
      toldAt = now;
      untold = 0;
    },
  };
}

/** Five characters, PostgreSQL appendix A; null: the database did not say so much. */
function sqlStateOf(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && /^[0-9A-Z]{5}$/.test(at.code))
      return at.code;
  }
  return null;
}
