/**
 * What the database's clock says at least, without asking it: its last word and the time that has passed here since that
 * word arrived. The clock had gone on while the word was on its way, so nothing decided by this comes before its time.
 * The time passed is the process's monotonic clock's: setting this server's clock moves nothing.
 */

import type { EpochMs } from "./store.ts";

export interface DatabaseClock {
  /** Null: its last word is too old to go by. */
  readonly now: () => EpochMs | null;
  /** The database's clock was just there. */
  readonly observe: (at: EpochMs) => void;
  /** It was there or further, maybe long ago: it goes on from there, and never back. */
  readonly reached: (at: EpochMs) => void;
}

/** In milliseconds; a database's clock that was set back is followed after so long. */
const KEPT_MS = 1_000;
const TOO_OLD_MS = 60_000;
/** Two clocks differ in speed, and one that is slewed by up to 500 parts per million: ours counts as the faster one. */
const SPEED = 0.999;

/** @param elapsed milliseconds of a clock that never goes back */
export function createDatabaseClock(elapsed: () => number): DatabaseClock {
  let word: { readonly at: EpochMs; readonly heard: number } | null = null;

  const reckoned = (): number | null =>
    word === null ? null : word.at + (elapsed() - word.heard) * SPEED;

  return {
    now: () => {
      const at = reckoned();
      if (at === null || word === null || elapsed() - word.heard > TOO_OLD_MS) return null;
      return Math.floor(at);
    },
    observe: (at) => {
      const heard = elapsed();
      const known = reckoned();
      if (known !== null && word !== null && known > at && heard - word.heard < KEPT_MS) return;
      word = { at, heard };
    },
    reached: (at) => {
      const known = reckoned();
      if (known !== null && at > known) word = { at, heard: elapsed() };
    },
  };
}
