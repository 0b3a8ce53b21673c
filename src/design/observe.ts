/** Notes what runs of one definition reach: states entered, transitions taken, timers fired, guards seen true and false. */

import type {
  Chart,
  ChartState,
  Executable,
  Transition,
} from "../../machines/compile/executable.ts";
import type { StateValue } from "../../machines/order.ts";
import { chartsOf, transitionsOf } from "./places.ts";
import type { Watch } from "./sandbox.ts";
import { activePaths } from "./state-paths.ts";
import type { SawGuard } from "./watch-guards.ts";

/** JSON Pointers into the document. */
export interface Observations {
  readonly states: ReadonlySet<string>;
  readonly transitions: ReadonlySet<string>;
  readonly timers: ReadonlySet<string>;
  readonly passed: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
}

export interface Observer {
  readonly seen: Observations;
  readonly saw: Watch["saw"];
  readonly sawGuard: SawGuard;
}

interface Source {
  readonly chart: Chart;
  readonly state: ChartState;
  readonly transition: Transition;
}

export function createObserver(executable: Executable): Observer {
  const charts = new Map(chartsOf(executable).map((chart) => [chart.collection, chart]));
  const sources = sourcesOf([...charts.values()]);
  const states = new Set<string>();
  const transitions = new Set<string>();
  const timers = new Set<string>();
  const passed = new Set<string>();
  const refused = new Set<string>();

  const entered = (state: ChartState): void => {
    for (let at: ChartState | null = state; at !== null; at = at.parent) states.add(at.pointer);
  };
  /** A state that was left within the step it was entered in stands in no state value: its way in tells of it. */
  const enteredByDefault = (state: ChartState, chart: Chart): void => {
    entered(state);
    const inner = state.kind === "parallel" ? state.children : initialOf(state, chart);
    for (const child of inner) if (child.kind !== "history") enteredByDefault(child, chart);
  };
  const activeIn = (collection: string | null, value: StateValue): void => {
    const chart = charts.get(collection);
    for (const path of activePaths(value)) {
      const state = chart?.states.get(path);
      if (state !== undefined) entered(state);
    }
  };
  const took = (pointer: string): void => {
    transitions.add(pointer);
    const source = sources.get(pointer);
    if (source === undefined) return;
    entered(source.state);
    for (const path of source.transition.targets ?? []) {
      const target = source.chart.states.get(path);
      if (target !== undefined) enteredByDefault(target, source.chart);
    }
  };

  return {
    seen: { states, transitions, timers, passed, refused },
    sawGuard: (pointer, holds) => (holds ? passed : refused).add(pointer),
    saw: (before, event, result) => {
      if (result.kind === "rejected") return;
      if (before === null) enteredByDefault(executable.order.root, executable.order);
      for (const { pointer } of result.taken) took(pointer);
      activeIn(null, result.order.snapshot.value);
      for (const [item, [was, is]] of Object.entries(result.items)) {
        const collection = item.slice(0, item.indexOf("/"));
        const chart = charts.get(collection);
        if (was === null && chart !== undefined) enteredByDefault(chart.root, chart);
        activeIn(collection, is);
      }
      const fired = event?.type === "timer.fired" ? event.payload["timer"] : undefined;
      const timer = before?.snapshot.timers.find(({ id }) => id === fired);
      if (timer === undefined) return;
      const chart = charts.get(timer.item?.slice(0, timer.item.indexOf("/")) ?? null);
      const delay = chart?.states
        .get(timer.state)
        ?.delays.find(({ after }) => after === timer.after);
      if (delay !== undefined) timers.add(delay.pointer);
    },
  };
}

function sourcesOf(charts: readonly Chart[]): ReadonlyMap<string, Source> {
  return new Map(
    charts.flatMap((chart) =>
      [...chart.states.values()].flatMap((state) =>
        transitionsOf(state).map((transition): [string, Source] => [
          transition.pointer,
          { chart, state, transition },
        ]),
      ),
    ),
  );
}

function initialOf(state: ChartState, chart: Chart): readonly ChartState[] {
  const initial = state.initial === null ? undefined : chart.states.get(state.initial);
  return initial === undefined ? [] : [initial];
}
