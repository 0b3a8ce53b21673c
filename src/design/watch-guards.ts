/** Makes an executable whose guards tell what they were evaluated to; it steps exactly as the given one does. */

import { createChartMachine } from "../../machines/chart/machine.ts";
import type {
  Chart,
  ChartState,
  Executable,
  Guard,
  Transition,
} from "../../machines/compile/executable.ts";

/** @param pointer of the guard in the document */
export type SawGuard = (pointer: string, passed: boolean) => void;

export function watchGuards(executable: Executable, saw: SawGuard): Executable {
  return {
    ...executable,
    order: watchedChart(executable.order, saw),
    items: new Map(
      [...executable.items].map(([collection, item]) => [
        collection,
        { ...item, chart: watchedChart(item.chart, saw) },
      ]),
    ),
  };
}

/** The machine holds its guards, so it is made again over the watched ones. */
function watchedChart(chart: Chart, saw: SawGuard): Chart {
  const byPath = new Map<string, ChartState>();
  const root = watchedState(chart.root, null, saw, byPath);
  const states = new Map(
    [...chart.states.keys()].flatMap((path) => {
      const state = byPath.get(path);
      return state === undefined ? [] : [[path, state] as const];
    }),
  );
  return { ...chart, root, states, machine: createChartMachine(root) };
}

function watchedState(
  state: ChartState,
  parent: ChartState | null,
  saw: SawGuard,
  byPath: Map<string, ChartState>,
): ChartState {
  const watch = (transition: Transition): Transition =>
    transition.guard === null
      ? transition
      : { ...transition, guard: watchedGuard(transition.guard, saw) };
  const children: ChartState[] = [];
  const watched: ChartState = {
    ...state,
    parent,
    children,
    on: new Map([...state.on].map(([event, transitions]) => [event, transitions.map(watch)])),
    always: state.always.map(watch),
  };
  byPath.set(state.path, watched);
  for (const child of state.children) children.push(watchedState(child, watched, saw, byPath));
  return watched;
}

function watchedGuard(guard: Guard, saw: SawGuard): Guard {
  const { expression, pointer } = guard;
  return {
    ...guard,
    expression: {
      ...expression,
      evaluate: (scope) => {
        const value = expression.evaluate(scope);
        saw(pointer, value === true);
        return value;
      },
    },
  };
}
