/** Says how much of a definition a set of runs reached, and what none of them did. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Observations } from "./observe.ts";
import { placesOf, type Place } from "./places.ts";

export interface Tally {
  readonly total: number;
  readonly reached: number;
  /** In document order. */
  readonly missing: readonly Place[];
}

export interface Coverage {
  readonly states: Tally;
  readonly transitions: Tally;
  readonly timers: Tally;
  /** A guard counts where it was seen to hold. */
  readonly guardsTrue: Tally;
  readonly guardsFalse: Tally;
}

export function coverageOf(executable: Executable, seen: Observations): Coverage {
  const places = placesOf(executable);
  return {
    states: tally(places.states, seen.states),
    transitions: tally(places.transitions, seen.transitions),
    timers: tally(places.timers, seen.timers),
    guardsTrue: tally(places.guards, seen.passed),
    guardsFalse: tally(places.guards, seen.refused),
  };
}

/**
 * Percent of the states entered and of the transitions taken, whichever is less; never rounded up to 100.
 * Timers are transitions too, and guards are counted for information: some can't be seen false by a legal request.
 */
export function percentOf({ states, transitions }: Coverage): number {
  return Math.min(shareOf(states), shareOf(transitions));
}

/** In percent; 100 where there is nothing to reach. */
export function shareOf({ reached, total }: Tally): number {
  return total === 0 ? 100 : (100 * reached) / total;
}

function tally(places: readonly Place[], reached: ReadonlySet<string>): Tally {
  const missing = places.filter(({ pointer }) => !reached.has(pointer));
  return { total: places.length, reached: places.length - missing.length, missing };
}
