/** What a migration tells beside the order itself: tasks that begin, and items that are elsewhere. */

import { isUserTask } from "../chart/user-task.ts";
import type { Run } from "../step/run.ts";
import type { MovedChart } from "./carry.ts";
import type { Moves } from "./moves.ts";

/** A task goes on where its state does, for the same role; every other one is another task. */
export function noteTasks(run: Run, { from, to, mapped, before, after }: MovedChart): void {
  for (const path of mapped.active) {
    const state = to.states.get(path);
    if (state === undefined || !isUserTask(state)) continue;
    const old = from.states.get(mapped.kept.get(path) ?? "");
    const goesOn =
      old !== undefined &&
      isUserTask(old) &&
      old.path === path &&
      old.meta.role === state.meta.role &&
      before === after;
    if (!goesOn) {
      run.begun.push({ ...(after === undefined ? {} : { item: after }), state: path });
    }
  }
}

/** What an entry tells of items: under their new names, those whose name or state is another. */
export function noteItems(run: Run, { items }: Moves): void {
  for (const { before, after, item, mapped } of items.values()) {
    const isSame = before === after && JSON.stringify(item.value) === JSON.stringify(mapped.value);
    if (!isSame) run.moved.set(after, [item.value, mapped.value]);
  }
}
