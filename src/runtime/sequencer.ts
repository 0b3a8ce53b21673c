/** Gives the entries that wait their positions in the feed; of many servers one does it at a time, and any can. */

import type { Feed } from "../store/contracts/feed.ts";
import type { Bus } from "./bus.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import type { Clock } from "./ports.ts";

const ROUND_ENTRIES = 1_000;
/** The other server's round is over by then; it may have begun before the entry that we were woken for. */
const BUSY_PAUSE_MS = 10;

/** Entries that follow each other as closely get their positions together: a round costs a commit and a word to all. */
const GATHER_MS = 10;

/** Rounds of a loop: the first entry after a while is numbered at once, and those behind it in common. */
export function createSequencer(
  feed: Feed,
  bus: Pick<Bus, "publish">,
  clock: Clock,
): (signal: AbortSignal) => Promise<number> {
  let ended = -Infinity;
  return async (signal) => {
    const restMs = ended + GATHER_MS - clock.now();
    if (restMs > 0) await clock.sleep(Math.min(restMs, GATHER_MS), signal);
    const pauseMs = await sequenceEntries(feed, bus);
    ended = pauseMs === MAX_PAUSE_MS ? clock.now() : -Infinity;
    return pauseMs;
  };
}

/** One round. @returns the milliseconds until the next one is worth a look */
export async function sequenceEntries(feed: Feed, bus: Pick<Bus, "publish">): Promise<number> {
  const done = await feed.sequence(ROUND_ENTRIES);
  if (done.kind === "busy") return BUSY_PAUSE_MS;
  if (done.count > 0) bus.publish(["feed"]);
  return done.count === ROUND_ENTRIES ? 0 : MAX_PAUSE_MS;
}
