/** The way that an order went through its process: the places it stood in, one after the other, and what moved it on. */

import type { StateValue } from "../../../machines/order.ts";
import type { Entry } from "../entry.ts";
import { stateText } from "../export/ocel-events.ts";
import type { Vocabulary } from "../export/vocabulary.ts";

/** What a place is: a step of the process, or the very state. */
export const LEVELS = ["step", "state"] as const;
export type Level = (typeof LEVELS)[number];

export interface Place {
  readonly name: string;
  /** Something was overridden there. */
  readonly isOverridden: boolean;
}

export interface Move {
  /** Null: the start. */
  readonly from: string | null;
  readonly to: string;
  /** The type of the event that took it. */
  readonly event: string;
  readonly isOverride: boolean;
}

export interface Path {
  /** No place follows itself. */
  readonly places: readonly Place[];
  readonly moves: readonly Move[];
  /** Types of all events that overrode something, also where the order stayed. */
  readonly overrides: readonly string[];
}

export interface PathReader {
  /** Entries come in the order of their revisions. */
  readonly add: (entry: Entry, vocabulary: Vocabulary) => void;
  readonly path: () => Path;
}

/** @param isOverride of events of the process; what a person forced upon the engine is one anyway */
export function createPathReader(level: Level, isOverride: (type: string) => boolean): PathReader {
  const places: Place[] = [];
  const moves: Move[] = [];
  const overrides: string[] = [];
  return {
    add: (entry, vocabulary) => {
      const { type, after } = entry;
      const overrode = isForced(entry) || isOverride(type);
      const last = places.at(-1);
      if (overrode) {
        overrides.push(type);
        if (last !== undefined) places.splice(-1, 1, { ...last, isOverridden: true });
      }
      const to = placeOf(level, after, vocabulary);
      const from = last?.name ?? null;
      if (to === from) return;
      places.push({ name: to, isOverridden: false });
      moves.push({ from, to, event: type, isOverride: overrode });
    },
    path: () => ({ places, moves, overrides }),
  };
}

function placeOf(level: Level, value: StateValue, { stepOf }: Vocabulary): string {
  if (level === "state") return stateText(value);
  return stepOf(value) ?? outermost(value).join(" + ");
}

/** The place where no step is named, as at most ends. */
function outermost(value: StateValue): readonly string[] {
  return typeof value === "string" ? [value] : Object.keys(value);
}

/** A timer that somebody gave up, a job that somebody ended: the engine asks whoever does it for a reason. */
function isForced({ type, payload }: Entry): boolean {
  if (type === "timer.cancelled") return true;
  return type.startsWith("job.") && payload["reason"] !== undefined;
}
