/** Looks for orders that have come to wait for a kept message; what is out of time ends, what ended long ago is forgotten. */

import { createLru } from "../audit/lru.ts";
import type { Lane } from "../store/contracts/messages.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { EpochMs } from "../store/store.ts";
import { deliverLane, type Delivering } from "./lane-delivery.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import type { Clock, Log } from "./ports.ts";

export interface Rounding extends Delivering {
  readonly clock: Clock;
  readonly log: Log;
}

export interface MessageRounds {
  /** @returns the milliseconds until the next round is worth a look */
  readonly round: (signal: AbortSignal) => Promise<number>;
  /** Whether the last round met a kept message: then an order that changed is worth a round. */
  readonly anyKept: () => boolean;
}

const PAGE_LANES = 100;
const PAGE_ENDED = 500;
/**
 * A round looks at orders that changed since the one before began, and a margin: a change is stamped in its transaction,
 * and seen when that commits, at most five seconds later (`src/store/postgres.ts`).
 */
const MARGIN_MS = 15_000;
/** What no change announces (a guard that reads `now`, a role that a new version admits) is met by a look at all. */
const FULL_ROUND_MS = 60_000;
/** Rounds that follow wakes upon wakes still leave the database some peace. */
const MIN_PAUSE_MS = 100;
const RETENTION_MS = 30 * 86_400_000;

export function createMessageRounds(ports: Rounding): MessageRounds {
  const { store, log, clock } = ports;
  const failed = createLru<string, true>(1_000);
  let anyKept = false;
  let lastBegan: EpochMs | null = null;
  let lastFull: EpochMs = -Infinity;
  let lastEnded = -Infinity;

  /** One lane that fails delays no other. */
  const deliverOrReport = async (lane: Lane, since: EpochMs | null): Promise<void> => {
    try {
      await deliverLane(ports, lane, since);
    } catch (err) {
      if (err instanceof StoreUnavailable) throw err;
      if (failed.get(lane.lane) === null) log.error({ err, lane: lane.lane }, "messages failed");
      failed.set(lane.lane, true);
    }
  };

  const deliverAll = async (since: EpochMs | null, signal: AbortSignal): Promise<void> => {
    for (let after = ""; !signal.aborted;) {
      const page = await store.messages.lanes(since, { after, limit: PAGE_LANES });
      for (const lane of page) {
        if (signal.aborted) return;
        await deliverOrReport(lane, since);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_LANES) return;
      after = last.lane;
    }
  };

  const round = async (signal: AbortSignal): Promise<number> => {
    const restMs = lastEnded + MIN_PAUSE_MS - clock.now();
    if (restMs > 0) await clock.sleep(Math.min(restMs, MIN_PAUSE_MS), signal);
    const began = await store.now();
    const isFull = lastBegan === null || began - lastFull >= FULL_ROUND_MS;
    const expired = await store.messages.expire(PAGE_ENDED);
    if (isFull) await store.messages.forget(RETENTION_MS, PAGE_ENDED);
    anyKept = await store.messages.anyKept();
    if (anyKept) await deliverAll(isFull ? null : (lastBegan ?? began) - MARGIN_MS, signal);
    if (signal.aborted) return 0;
    if (isFull) lastFull = began;
    lastBegan = began;
    lastEnded = clock.now();
    return expired === PAGE_ENDED ? 0 : MAX_PAUSE_MS;
  };

  return { round, anyKept: () => anyKept };
}
