/** What an expression sees at one point of a run. */

import type { Conductor } from "../chart/moment.ts";
import type { Chart } from "../compile/executable.ts";
import type { ItemView, Scope } from "../evaluation.ts";
import type { JsonObject } from "../json.ts";
import type { LiveItem, Run } from "./run.ts";
import { chartOf, itemsIn, liveItem } from "./run.ts";

export function scopeOf(
  run: Run,
  event: JsonObject,
  item: LiveItem | null,
  conductor: Conductor,
): Scope {
  return {
    data: run.data,
    event,
    actor: run.actor,
    now: run.now,
    order: run.identity,
    item: item === null ? null : viewOf(run, item, conductor),
    items: (collection) => itemsIn(run, collection).map((each) => viewOf(run, each, conductor)),
    inState: run.inState,
  };
}

/** The item as expressions see it; its state is the one it rests in, not one it is passing through. */
export function viewOf(run: Run, item: LiveItem, conductor: Conductor): ItemView {
  if (item.view === null) {
    const active = liveItem(run, item, conductor)?.active ?? [];
    const chart = chartOf(run, item.collection);
    item.view = {
      ...item.data,
      id: item.id,
      state: innermost(active),
      tags: tagsOf(chart, active),
    };
  }
  return item.view;
}

/** The deepest path that every active state is on or below: the state itself, or the parallel state that holds all. */
function innermost(active: readonly string[]): string {
  let deepest = "";
  for (const path of active) {
    if (
      path !== "" &&
      active.every((other) => isOnLine(path, other)) &&
      path.length > deepest.length
    ) {
      deepest = path;
    }
  }
  return deepest;
}

function isOnLine(path: string, other: string): boolean {
  return (
    other === "" || other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`)
  );
}

function tagsOf(chart: Chart, active: readonly string[]): readonly string[] {
  return [...new Set(active.flatMap((path) => chart.states.get(path)?.tags ?? []))];
}
