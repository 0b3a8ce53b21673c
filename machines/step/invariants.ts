/** The invariants that a document declares hold in every order that a step makes. */

import type { Conductor } from "../chart/moment.ts";
import type { Executable } from "../compile/executable.ts";
import type { CompiledExpression } from "../expression/compiler.ts";
import type { OrderSnapshot } from "../order.ts";
import { StepFailure } from "./failure.ts";
import type { Run } from "./run.ts";
import { scopeOf } from "./scope.ts";

/** Snapshots that a step of this very executable made: its invariants hold in them. */
const sound = new WeakMap<OrderSnapshot, Executable>();

export function keepSound(snapshot: OrderSnapshot, executable: Executable): void {
  if (executable.invariants.length > 0) sound.set(snapshot, executable);
}

/**
 * An invariant that held before the step, and reads nothing that the step has changed, holds after it, too.
 * @param items after the step; a collection that did not change is the very same as before
 * @throws {StepFailure} `invariant-violated`
 */
export function checkInvariants(
  run: Run,
  before: OrderSnapshot | null,
  items: OrderSnapshot["items"],
  conductor: Conductor,
): void {
  const { invariants } = run.executable;
  if (invariants.length === 0) return;
  const held = before !== null && sound.get(before) === run.executable ? before : null;
  const scope = scopeOf(run, {}, null, conductor);
  for (const { id, pointer, always } of invariants) {
    if (held !== null && readsTheSame(always, held, run, items)) continue;
    if (always.evaluate(scope) === true) continue;
    throw new StepFailure("invariant-violated", `The invariant "${id}" would no longer hold.`, {
      because: `= ${always.source}`,
      pointer,
    });
  }
}

function readsTheSame(
  { reads, statePaths }: CompiledExpression,
  held: OrderSnapshot,
  { executable, data, found, order }: Run,
  items: OrderSnapshot["items"],
): boolean {
  for (const name of reads) {
    if (OF_THE_STEP.has(name)) return false;
    if (name === "inState") {
      for (const path of statePaths) {
        if (found?.active.includes(path) !== order?.active.includes(path)) return false;
      }
    } else if (executable.items.has(name)) {
      if (held.items[name] !== items[name]) return false;
    } else if (held.data[name] !== data[name]) return false;
  }
  return true;
}

/** What an expression may read beside the snapshot; no data field and no collection bears such a name. */
const OF_THE_STEP: ReadonlySet<string> = new Set(["event", "actor", "now", "order", "item"]);
