/** A migrated chart rests where it was put: only an event, a timer or a job leads on from there. */

import type { Conductor, Moment } from "../chart/moment.ts";
import { EVENTLESS } from "../chart/selection.ts";
import type { Chart } from "../compile/executable.ts";
import type { Item } from "../order.ts";
import { contextOf, itemIn, liveItem, type LiveItem, type Run } from "../step/run.ts";
import type { MovedChart } from "./carry.ts";
import { impossible } from "./map-chart.ts";
import type { Moves } from "./moves.ts";

/** One chart of the run at rest. */
export interface Place {
  readonly moved: MovedChart;
  readonly chart: Chart;
  readonly moment: Moment;
  readonly whose: string;
  readonly hasEnded: boolean;
  /** Whether a transition without an event would lead on from where it rests. */
  readonly leadsOn: () => boolean;
}

export function placesOf(run: Run, moves: Moves, conductor: Conductor): readonly Place[] {
  const items = [...moves.items.values()].flatMap((moved): readonly Place[] => {
    const item = itemIn(run, moved.collection, moved.item.id);
    return item === null ? [] : [placeOf(run, moved, item, conductor)];
  });
  return [placeOf(run, moves.order, null, conductor), ...items];
}

function placeOf(
  run: Run,
  moved: MovedChart & { readonly item?: Item },
  item: LiveItem | null,
  conductor: Conductor,
): Place {
  const live = item === null ? run.order : liveItem(run, item, conductor);
  if (live === null) throw new Error("A migrated chart is at rest.");
  const event = { type: "order.migrated", payload: {} };
  const inState = (path: string): boolean => live.active.includes(path);
  return {
    ...{ moved, chart: moved.to, whose: moved.before ?? "the order" },
    moment: { context: contextOf(run, item, conductor), event, inState },
    hasEnded: moved.item?.status === "done",
    leadsOn: () => moved.to.machine.transition(live, { type: EVENTLESS, payload: {} }).selected,
  };
}

/**
 * A chart rests where nothing but an event leads on. Where it would go on by itself, or had ended without having come there,
 * it would wait for ever: transitions without an event, and ends of states, are looked for on the way only.
 */
export function refuseUnrest({ moved, chart, whose, hasEnded, leadsOn }: Place): void {
  const { active, kept } = moved.mapped;
  const { root } = chart;
  if (isOver(chart, root.path, active) !== hasEnded) {
    throw impossible(whose, hasEnded ? "that it would open again" : "that it would end there");
  }
  if (hasEnded) return;
  for (const path of active) {
    const waits = chart.states.get(path)?.on.has(`xstate.done.state.chart.${path}`) ?? false;
    if (!waits || !isOver(chart, path, active)) continue;
    const left = kept.get(path);
    const was = left !== undefined && isOver(moved.from, left, moved.mapped.left);
    if (!was) throw impossible(whose, `that "${path}" would have ended, and nothing tells it so`);
  }
  if (leadsOn()) {
    throw impossible(whose, "that a transition without an event would lead on from there at once");
  }
}

/** SCXML's `isInFinalState`. */
function isOver(chart: Chart, path: string, active: ReadonlySet<string>): boolean {
  const state = chart.states.get(path);
  const children = state?.children.filter(({ kind }) => kind !== "history") ?? [];
  if (state?.kind === "parallel") return children.every((each) => isOver(chart, each.path, active));
  return children.some(({ kind, path: inner }) => kind === "final" && active.has(inner));
}
