/**
 * Workers that wait for jobs stand in one line per server, first come first served. Waiting costs one question a second
 * for all of them together: whether any of their types is offered. So a thousand who wait ask no more than one.
 */

import { StoreUnavailable } from "../store/errors.ts";
import type { Store } from "../store/store.ts";
import { createRinger } from "./bell.ts";
import type { Clock, Log } from "./ports.ts";

/** One who waits. */
export interface Waiter {
  readonly types: readonly string[];
  /** Of several with one signature, the second finds nothing where the first found nothing. */
  readonly signature: string;
  /** Claims for it. @returns whether it is served, and leaves the line */
  readonly attempt: () => Promise<boolean>;
}

export interface JobLine {
  readonly length: () => number;
  readonly enter: (waiter: Waiter) => void;
  readonly leave: (waiter: Waiter) => void;
  /** There may be jobs of this type. */
  readonly ring: (type: string) => void;
}

export interface JobLinePorts {
  readonly store: Pick<Store, "jobs">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Wakes from other servers can be lost; leases end, and pauses pass, without one. */
const LOOK_EVERY_MS = 1_000;

export function createJobLine({ store, clock, log }: JobLinePorts): JobLine {
  const line = new Set<Waiter>();
  const rung = new Set<string>();
  const ringer = createRinger(clock);
  const never = new AbortController().signal;
  let lookedAt = 0;
  let serving: Promise<void> | null = null;

  const look = async (): Promise<readonly string[]> => {
    const sinceMs = clock.now() - lookedAt;
    if (sinceMs >= 0 && sinceMs < LOOK_EVERY_MS) return [];
    lookedAt = clock.now();
    return store.jobs.offered([...new Set([...line].flatMap(({ types }) => types))]);
  };
  const serveOnce = async (): Promise<void> => {
    const offered = new Set(rung);
    rung.clear();
    for (const type of await look()) offered.add(type);
    const inVain = new Set<string>();
    for (const waiter of line) {
      if (inVain.has(waiter.signature)) continue;
      if (!waiter.types.some((type) => offered.has(type))) continue;
      if (await waiter.attempt()) line.delete(waiter);
      else inVain.add(waiter.signature);
    }
  };
  const serve = async (): Promise<void> => {
    while (line.size > 0) {
      try {
        await serveOnce();
      } catch (err) {
        // They wait on: the database may be back before their time is over.
        if (!(err instanceof StoreUnavailable)) log.error({ err }, "a look for jobs failed");
      }
      if (line.size > 0) await ringer.wait(LOOK_EVERY_MS, never);
    }
    serving = null;
  };
  const ring = (type: string): void => {
    rung.add(type);
    ringer.ring();
  };

  return {
    length: () => line.size,
    enter: (waiter) => {
      if (line.size === 0) lookedAt = clock.now();
      line.add(waiter);
      // What is there already is asked for at once, and first by those who have waited for the same the longest.
      for (const type of waiter.types) ring(type);
      serving ??= serve();
    },
    leave: (waiter) => line.delete(waiter),
    ring,
  };
}
