/**
 * What our charts read of XState's own values, by types that say what is there.
 *
 * XState's `Any...` types hold `any`, which passes for everything; a snapshot is seen through these where it is read,
 * and stays XState's own where it is handed back.
 */

import type { JsonObject } from "../json.ts";
import type { ChartContext } from "./moment.ts";

/** A snapshot of one of our machines: the context that we gave it, and its active nodes. */
export interface ChartSnapshot {
  readonly context: ChartContext;
  readonly _nodes: readonly { readonly id: string }[];
}

/** An event as guards and actions meet it; XState's own (`xstate.init`, `xstate.done.state...`) carry no payload. */
export interface MetEvent {
  readonly type: string;
  readonly payload?: JsonObject;
}

/** A guard by XState's protocol for built-in ones: called by `check`, never as the function that it also is. */
export interface ChartGuard {
  (): boolean;
  readonly check: (snapshot: ChartSnapshot, args: { readonly event: MetEvent }) => boolean;
}

export function isChartGuard(guard: unknown): guard is ChartGuard {
  return typeof guard === "function" && "check" in guard && typeof guard.check === "function";
}
