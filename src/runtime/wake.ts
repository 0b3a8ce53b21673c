/** Tells what a committed write made news of: its entry, and work that is due before the loops would look. */

import type { Instant } from "../../machines/order.ts";
import { epochMs } from "../../machines/time/instant.ts";
import type { OrderWrite } from "../store/store.ts";
import { BUILTIN_TYPES } from "./builtin-jobs.ts";
import type { Bus, Topic } from "./bus.ts";
import { MAX_PAUSE_MS } from "./loop.ts";

/** @param at the write's instant @param testClock timers on a test clock fire when it is advanced */
export type Wake = (
  write: Pick<OrderWrite, "timers" | "jobs">,
  at: Instant,
  testClock: string | null,
) => void;

/** @param sequence has the entry numbered by this server, at once @param isAnybodyTold by webhook */
export function createWake(
  bus: Pick<Bus, "publish">,
  sequence: () => void,
  isAnybodyTold: () => boolean,
): Wake {
  return (write, at, testClock) => {
    sequence();
    const soon = epochMs(at) + MAX_PAUSE_MS;
    const isSoon = testClock === null && write.timers.set.some(({ dueAt }) => dueAt <= soon);
    const topics: readonly Topic[] = [
      ...(isSoon ? (["timers"] as const) : []),
      ...(isAnybodyTold() ? (["deliveries"] as const) : []),
      ...write.jobs.opened.map(({ type }) => jobTopic(type)),
    ];
    bus.publish([...new Set(topics)]);
  };
}

/** @param type as it is stored */
export function jobTopic(type: string): Topic {
  return BUILTIN_TYPES.includes(type) ? "builtin-jobs" : `job:${type}`;
}
