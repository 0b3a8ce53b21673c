/** Closed orders go to the archive when their time has come, a batch at a time, and never at full speed. */

import type { Archived } from "../store/contracts/archive.ts";
import type { Store } from "../store/store.ts";
import type { Clock, Log } from "./ports.ts";

const LOOK_EVERY_MS = 60_000;
/** A batch takes some hundred milliseconds, far less than a statement may. */
const ENTRIES = 2_000;

interface ArchivingPorts {
  readonly store: Pick<Store, "archive">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One walk over the closed orders after another. After each batch it pauses for as long as that took: at most half of one
 * connection's work is the archive's.
 * @param afterMs how long ago an order must have been closed
 * @returns a round of a loop; rounds between two walks do nothing
 */
export function createArchiving(
  { store: { archive }, clock, log }: ArchivingPorts,
  afterMs: number,
): () => Promise<number> {
  let mark: Archived["next"] = null;
  let nextAt = 0;
  return async () => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0 && leftMs <= LOOK_EVERY_MS) return leftMs;
    if (mark === null) await archive.prepare();
    const began = clock.now();
    const moved = await archive.move({ olderThanMs: afterMs, after: mark, entries: ENTRIES });
    for (const { id: order, error: err } of moved.failed) {
      log.error({ order, err }, "an order could not be archived; it stays where it is");
    }
    mark = moved.next;
    if (mark !== null) return Math.max(1, clock.now() - began);
    nextAt = clock.now() + LOOK_EVERY_MS;
    return LOOK_EVERY_MS;
  };
}
