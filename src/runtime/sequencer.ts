/** Gives the entries that wait their positions in the feed; of many servers one does it at a time, and any can. */

import type { Feed } from "../store/contracts/feed.ts";
import type { Bus } from "./bus.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import type { Clock } from "./ports.ts";

const ROUND_ENTRIES = 2_000;
/** The other server's round is over by then; it may have begun before the entry that we were woken for. */
const BUSY_PAUSE_MS = 10;

/** Entries that follow each other as closely get their positions together: a round costs a commit and a word to all. */
const GATHER_MS = 10;
/** After a round of so many, the next one waits longer: what rounds cost is taken from the orders that are written. */
const MANY_ENTRIES = 100;
const GATHER_MANY_MS = 50;

/** Rounds of a loop: the first entry after a while is numbered at once, and those behind it in common. */
export function createSequencer(
  feed: Feed,
  bus: Pick<Bus, "publish">,
  clock: Clock,
): (signal: AbortSignal) => Promise<number> {
  let ended = -Infinity;
  let gatherMs = GATHER_MS;
  return async (signal) => {
    const restMs = ended + gatherMs - clock.now();
    if (restMs > 0) await clock.sleep(Math.min(restMs, gatherMs), signal);
    const { pauseMs, count } = await sequenceEntries(feed, bus);
    gatherMs = count < MANY_ENTRIES ? GATHER_MS : GATHER_MANY_MS;
    ended = pauseMs === MAX_PAUSE_MS ? clock.now() : -Infinity;
    return pauseMs;
  };
}

/** One round. @returns how many it numbered, and the milliseconds until the next one is worth a look */
export async function sequenceEntries(
  feed: Feed,
  bus: Pick<Bus, "publish">,
): Promise<{ readonly count: number; readonly pauseMs: number }> {
  const done = await feed.sequence(ROUND_ENTRIES);
  if (done.kind === "busy") return { count: 0, pauseMs: BUSY_PAUSE_MS };
  const { count } = done;
  if (count > 0) bus.publish(["feed"]);
  return { count, pauseMs: count === ROUND_ENTRIES ? 0 : MAX_PAUSE_MS };
}
