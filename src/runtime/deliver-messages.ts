/** Looks for orders that have come to wait for a kept message; what is out of time ends, what ended long ago is forgotten. */

import { createLru } from "../audit/lru.ts";
import type { Lane } from "../store/contracts/messages.ts";
import { StoreUnavailable } from "../store/errors.ts";
import type { EpochMs } from "../store/store.ts";
import { deliverLane, type Delivering } from "./lane-delivery.ts";
import { inLanes } from "./lanes.ts";
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
/** Lanes that are worked off side by side: a delivery is a transaction of its own. */
const AT_ONCE = 4;
const PAGE_ENDED = 500;
/**
 * A round looks at orders that changed since the one before began, and a margin: a change is stamped in its transaction,
 * and seen when that commits, at most five seconds later (`src/store/postgres.ts`).
 */
const MARGIN_MS = 15_000;
/** What no change announces (a guard that reads `now`, a role that a new version admits) is met by a walk over all. */
const WALK_EVERY_MS = 60_000;
/** Rounds that follow wakes upon wakes still leave the database some peace. */
const MIN_PAUSE_MS = 100;
const RETENTION_MS = 30 * 86_400_000;

export function createMessageRounds(ports: Rounding): MessageRounds {
  const { store, log, clock } = ports;
  const failed = createLru<string, true>(1_000);
  let anyKept = false;
  let lastBegan: EpochMs | null = null;
  let lastEnded = -Infinity;
  let walked: EpochMs | null = null;
  /** The lane that the walk over all has come to; a page of it per round, so that what changed never waits for it. */
  let reached: string | null = "";
  let forgot: EpochMs | null = null;

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

  /** @returns the lane to go on from; null: there are no more */
  const deliverPage = async (
    since: EpochMs | null,
    after: string,
    signal: AbortSignal,
  ): Promise<string | null> => {
    const page = await store.messages.lanes(since, { after, limit: PAGE_LANES });
    await inLanes(page, AT_ONCE, signal, (lane) => deliverOrReport(lane, since));
    if (signal.aborted) return after;
    return page.length < PAGE_LANES ? null : (page.at(-1)?.lane ?? null);
  };

  /** @param since null: the very first round, after which the walk goes over all */
  const deliverAll = async (since: EpochMs | null, signal: AbortSignal): Promise<void> => {
    let after: string | null = since === null ? null : "";
    while (after !== null && !signal.aborted) after = await deliverPage(since, after, signal);
    if (reached !== null && !signal.aborted) reached = await deliverPage(null, reached, signal);
  };

  const forget = async (now: EpochMs): Promise<boolean> => {
    if (!isOver(forgot, now)) return false;
    const isMore = (await store.messages.forget(RETENTION_MS, PAGE_ENDED)) === PAGE_ENDED;
    if (!isMore) forgot = now;
    return isMore;
  };

  const round = async (signal: AbortSignal): Promise<number> => {
    const restMs = lastEnded + MIN_PAUSE_MS - clock.now();
    if (restMs > 0) await clock.sleep(Math.min(restMs, MIN_PAUSE_MS), signal);
    const began = await store.now();
    const isMore = (await store.messages.expire(PAGE_ENDED)) === PAGE_ENDED;
    const isMoreToForget = await forget(began);
    if (reached === null && isOver(walked, began)) reached = "";
    if (reached === "") walked = began;
    anyKept = await store.messages.anyKept();
    if (anyKept) await deliverAll(lastBegan === null ? null : lastBegan - MARGIN_MS, signal);
    else reached = null;
    if (signal.aborted) return 0;
    lastBegan = began;
    lastEnded = clock.now();
    return isMore || isMoreToForget || reached !== null ? 0 : MAX_PAUSE_MS;
  };

  return { round, anyKept: () => anyKept };
}

/** Also when the clock was set back. */
function isOver(last: EpochMs | null, now: EpochMs): boolean {
  return last === null || Math.abs(now - last) >= WALK_EVERY_MS;
}
