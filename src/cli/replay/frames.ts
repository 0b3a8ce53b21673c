/** A recorded history as the frames that a reader steps through: one for each entry, and where it breaks, the place. */

import type { JsonObject } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import { commitmentsIn, unseal } from "../../../machines/schema/tokens.ts";
import { executablesOf, type Recorded } from "../../audit/recorded.ts";
import { replay, type Diverged } from "../../audit/replay.ts";
import { retold, type Retold } from "../../audit/retold.ts";

export interface Frames {
  readonly id: string;
  readonly frames: readonly Retold[];
  /** Null: the whole history holds. */
  readonly diverged: Diverged | null;
  /** Personal values that are sealed in it and were not disclosed. */
  readonly withheld: number;
  /** Joins back what was disclosed. */
  readonly opened: (value: JsonObject) => JsonObject;
}

export function framesOf(recorded: Recorded): Frames {
  const { id, lines, values } = recorded;
  const executableOf = executablesOf(recorded);
  const frames: Retold[] = [];
  const sealed = new Set<string>();
  let diverged: Diverged | null = null;
  for (const next of replay(lines, executableOf)) {
    if (next.kind === "diverged") {
      diverged = next;
      break;
    }
    const executable = executableOf(next.order.digest);
    if (executable === null) throw new Error(`Expected the definition ${next.order.digest}.`);
    for (const commitment of commitmentsIn(next.entry.payload)) sealed.add(commitment);
    frames.push(retold(frames.at(-1) ?? null, next, executable, values));
  }
  const withheld = [...sealed].filter((commitment) => !values.has(commitment)).length;
  return { id, frames, diverged, withheld, opened: (value) => unseal(value, values) };
}

/** Index of the last entry at or before an instant; -1: there was none yet. */
export function indexAt(frames: readonly Retold[], time: Instant): number {
  return frames.findLastIndex(({ entry }) => entry.at <= time);
}
