/** Closed orders go to the archive when their time has come, a batch at a time, and never at full speed. */

import type { Archived } from "../store/contracts/archive.ts";
import type { Store } from "../store/store.ts";
import type { Clock, Log } from "./ports.ts";

/** When orders are moved to the archive. */
export interface ArchivePlan {
  /** How long ago an order must have been closed. */
  readonly afterMs: number;
  /** How long servers must have known of the archive: one of a release before it would not find there what moved. */
  readonly knownMs: number;
}

const LOOK_EVERY_MS = 60_000;
/** What a batch should take, because embedded nothing else happens meanwhile. Batches grow and shrink towards it. */
const BATCH_MS = 40;
const FIRST_BATCH = 200;
const MIN_BATCH = 50;
const MAX_BATCH = 2_000;
/** Pauses are so many times longer than the work before them: a twentieth of one connection's time is the archive's. */
const REST = 19;
/** How many orders that could not be moved are named. */
const TOLD = 10;

interface ArchivingPorts {
  readonly store: Pick<Store, "archive">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One walk over the closed orders after another, the first a minute after the start.
 * @returns a round of a loop; rounds in a pause do nothing
 */
export function createArchiving(
  { store: { archive }, clock, log }: ArchivingPorts,
  { afterMs, knownMs }: ArchivePlan,
): () => Promise<number> {
  let mark: Archived["next"] = null;
  let entries = FIRST_BATCH;
  let isKnown = knownMs === 0;
  let nextAt = clock.now() + LOOK_EVERY_MS;

  const pause = (ms: number): number => {
    nextAt = clock.now() + ms;
    return ms;
  };
  return async () => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0 && leftMs <= LOOK_EVERY_MS) return leftMs;
    isKnown ||= (await archive.knownForMs()) >= knownMs;
    if (!isKnown) return pause(LOOK_EVERY_MS);
    const began = clock.now();
    if (mark === null) await archive.prepare();
    const moved = await archive.move({ olderThanMs: afterMs, after: mark, entries });
    tellOf(moved.failed, log);
    mark = moved.next;
    const tookMs = Math.max(1, clock.now() - began);
    if (moved.entries > 0) entries = nextBatch(entries, tookMs);
    return pause(mark === null ? LOOK_EVERY_MS : Math.min(REST * tookMs, LOOK_EVERY_MS));
  };
}

/** In one line, because they may fail for the same reason, and again at each walk. */
function tellOf(failed: Archived["failed"], log: Log): void {
  const [first] = failed;
  if (first === undefined) return;
  const orders = failed.slice(0, TOLD).map(({ id }) => id);
  const message = "orders could not be archived; they stay where they are";
  log.error({ count: failed.length, orders, err: first.error }, message);
}

/** One batch says little: the next is at most twice as large, or half. */
function nextBatch(entries: number, tookMs: number): number {
  const wanted = entries * Math.min(2, Math.max(0.5, BATCH_MS / tookMs));
  return Math.round(Math.min(MAX_BATCH, Math.max(MIN_BATCH, wanted)));
}
