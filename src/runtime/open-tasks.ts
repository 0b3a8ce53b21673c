/** Which tasks an order has open, and what a step does to them: computed from the order before and after, nothing else. */

import { isUserTask } from "../../machines/chart/user-task.ts";
import type { Chart, ChartState, Executable } from "../../machines/compile/executable.ts";
import type { OrderSnapshot, StateValue, Stepped, TaskPlace } from "../../machines/order.ts";
import { epochMs } from "../../machines/time/instant.ts";
import type { NewTask, TaskChanges } from "../store/contracts/tasks.ts";
import { activeStates } from "./position.ts";

/** A user task's state, and the chart and place that it is active in. */
export interface OpenPlace {
  readonly place: TaskPlace;
  readonly state: ChartState;
}

/** In document order, the order's own first. What has ended waits for nobody. */
export function openPlaces(executable: Executable, snapshot: OrderSnapshot): readonly OpenPlace[] {
  if (snapshot.status === "done") return [];
  const items = Object.entries(snapshot.items).flatMap(([collection, members]) => {
    const chart = executable.items.get(collection)?.chart;
    if (chart === undefined) return [];
    return members
      .filter(({ status }) => status === "active")
      .flatMap(({ id, value }) => placesIn(chart, value, `${collection}/${id}`));
  });
  return [...placesIn(executable.order, snapshot.value), ...items];
}

/**
 * A task that is entered again, from itself or by a detour, is another one: the first is closed.
 * @param under the version that the order lived under before; absent: the same
 */
export function taskChanges(
  executable: Executable,
  before: OrderSnapshot | null,
  { order, begun }: Pick<Stepped, "order" | "begun">,
  under = executable,
): TaskChanges {
  const { snapshot, revision, at } = order;
  const closable = before === null ? [] : openPlaces(under, before);
  const places = openPlaces(executable, snapshot);
  const entered = new Set(begun.map(keyOf));
  const was = new Set(closable.map(({ place }) => keyOf(place)));
  const is = new Set(places.map(({ place }) => keyOf(place)));
  const stays = (key: string): boolean => was.has(key) && is.has(key) && !entered.has(key);
  const opened = places.filter(({ place }) => !stays(keyOf(place)));
  return {
    opened: opened.map(({ place, state }, index) => ({
      ...{ id: `${revision}.${index + 1}`, item: place.item ?? null, state: place.state },
      ...{ role: state.meta.role ?? null, openedAt: epochMs(at), dueAt: dueAt(snapshot, place) },
    })),
    closed: closable
      .filter(({ place }) => !stays(keyOf(place)))
      .map(({ place }) => ({ item: place.item ?? null, state: place.state })),
  };
}

/** The tasks after a step, from those before it: how a history tells them. */
export function tasksAfter(
  before: readonly NewTask[],
  { opened, closed }: TaskChanges,
): readonly NewTask[] {
  const gone = new Set(closed.map(keyOf));
  return [...before.filter((task) => !gone.has(keyOf(task))), ...opened];
}

function placesIn(chart: Chart, value: StateValue, item?: string): readonly OpenPlace[] {
  return [chart.root, ...activeStates(chart, value)].filter(isUserTask).map((state) => ({
    place: { ...(item === undefined ? {} : { item }), state: state.path },
    state,
  }));
}

/** The earliest of the state's own timers. */
function dueAt({ timers }: OrderSnapshot, { item, state }: TaskPlace): number | null {
  const due = timers
    .filter((timer) => timer.state === state && timer.item === item)
    .map((timer) => epochMs(timer.dueAt));
  return due.length === 0 ? null : Math.min(...due);
}

function keyOf({ item, state }: { readonly item?: string | null; readonly state: string }): string {
  return JSON.stringify([item ?? null, state]);
}
