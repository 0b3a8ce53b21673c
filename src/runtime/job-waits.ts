/** A claim that waits: until there is a job for it, its time is over, or whoever asked is gone. */

import type { Bus } from "./bus.ts";
import type { ClaimWait, Jobs } from "./contracts/jobs.ts";
import type { Caller } from "./engine.ts";
import { createJobLine, type JobLine, type JobLinePorts, type Waiter } from "./job-line.ts";
import type { Clock } from "./ports.ts";

export interface JobWaitPorts extends JobLinePorts {
  readonly bus: Pick<Bus, "subscribe">;
}

/** Less than the requests that a server takes at once: those who wait keep nobody else out. */
const MAX_WAITING = 500;

export function createJobWaits(ports: JobWaitPorts): Jobs["waiting"] {
  const line = createJobLine(ports);
  return async (caller, wait, claim) => {
    if (wait.waitMs === 0) return claim();
    if (wait.signals.some(({ aborted }) => aborted)) return null;
    if (line.length() >= MAX_WAITING) return "full";
    return standInLine({ ...ports, line }, caller, wait, claim);
  };
}

interface Standing {
  readonly line: JobLine;
  readonly bus: Pick<Bus, "subscribe">;
  readonly clock: Clock;
}

async function standInLine<Claimed extends object>(
  { line, bus, clock }: Standing,
  { roles, centres }: Caller,
  { types, process, waitMs, signals }: ClaimWait,
  claim: () => Promise<Claimed | null>,
): Promise<Claimed | null> {
  const settled = Promise.withResolvers<Claimed | null>();
  const over = new AbortController();
  let isClaiming = false;
  const attempt = async (): Promise<boolean> => {
    isClaiming = true;
    try {
      const claimed = await claim();
      if (claimed === null && !over.signal.aborted) return false;
      settled.resolve(claimed);
    } catch (error) {
      settled.reject(error);
    } finally {
      isClaiming = false;
    }
    return true;
  };
  const signature = JSON.stringify([types.toSorted(), process, roles, centres]);
  const waiter: Waiter = { types, signature, attempt };
  const leave = (): void => {
    over.abort();
    line.leave(waiter);
    // What is claimed while the time ends must reach whoever waited: a claim under way settles by itself.
    if (!isClaiming) settled.resolve(null);
  };
  const subscriptions = types.map((type) => bus.subscribe(`job:${type}`, () => line.ring(type)));
  for (const signal of signals) signal.addEventListener("abort", leave);
  void clock.sleep(waitMs, over.signal).then(leave);
  line.enter(waiter);
  try {
    return await settled.promise;
  } finally {
    over.abort();
    line.leave(waiter);
    for (const signal of signals) signal.removeEventListener("abort", leave);
    for (const unsubscribe of subscriptions) unsubscribe();
  }
}
