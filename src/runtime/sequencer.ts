/** Gives the entries that wait their positions in the feed; of many servers one does it at a time, and any can. */

import type { Feed } from "../store/contracts/feed.ts";
import type { Bus } from "./bus.ts";
import { MAX_PAUSE_MS } from "./loop.ts";

const ROUND_ENTRIES = 1_000;
/** The other server's round is over by then; it may have begun before the entry that we were woken for. */
const BUSY_PAUSE_MS = 10;

/** One round. @returns the milliseconds until the next one is worth a look */
export async function sequenceEntries(feed: Feed, bus: Pick<Bus, "publish">): Promise<number> {
  const done = await feed.sequence(ROUND_ENTRIES);
  if (done.kind === "busy") return BUSY_PAUSE_MS;
  if (done.count > 0) bus.publish(["feed"]);
  return done.count === ROUND_ENTRIES ? 0 : MAX_PAUSE_MS;
}
