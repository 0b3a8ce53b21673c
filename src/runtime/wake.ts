/** Tells this server's loops that a write made work which is due before they would look; other servers find it by themselves. */

import type { Instant } from "../../machines/order.ts";
import { epochMs } from "../../machines/time/instant.ts";
import type { OrderWrite } from "../store/store.ts";
import { BUILTIN_TYPES } from "./builtin-jobs.ts";
import { MAX_PAUSE_MS, type Loop } from "./loop.ts";

/** @param at the write's instant @param testClock timers on a test clock fire when it is advanced */
export type Wake = (write: OrderWrite, at: Instant, testClock: string | null) => void;

export function createWake(timers: Loop, jobs: Loop): Wake {
  return (write, at, testClock) => {
    const soon = epochMs(at) + MAX_PAUSE_MS;
    if (testClock === null && write.timers.set.some(({ dueAt }) => dueAt <= soon)) timers.wake();
    if (write.jobs.opened.some(({ type }) => BUILTIN_TYPES.includes(type))) jobs.wake();
  };
}
