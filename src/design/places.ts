/** Lists every place of a definition that a run can reach: states, transitions, timers, guards; initial transitions excluded. */

import type {
  Chart,
  ChartState,
  Executable,
  Transition,
} from "../../machines/compile/executable.ts";
import { segmentsOf } from "../../machines/document/pointer.ts";

export interface Place {
  /** JSON Pointer into the document. */
  readonly pointer: string;
  /** For people: `quality.peerCheck`, `quality.peerCheck: PASS_CHECK -> quality.finalCheck`; an item's as `addOns/proposed`. */
  readonly label: string;
}

export interface Places {
  readonly states: readonly Place[];
  readonly transitions: readonly Place[];
  readonly timers: readonly Place[];
  readonly guards: readonly Place[];
}

/** All in document order, the order's own chart first. */
export function placesOf(executable: Executable): Places {
  const charts = chartsOf(executable);
  const states = charts.flatMap((chart) =>
    [...chart.states.values()]
      .filter((state) => state.path !== "")
      .map((state) => ({ pointer: state.pointer, label: stateLabel(chart, state) })),
  );
  const transitions = charts.flatMap((chart) =>
    [...chart.states.values()].flatMap((state) =>
      transitionsOf(state).map((transition) => ({ chart, state, transition })),
    ),
  );
  return {
    states,
    transitions: transitions.map(({ chart, state, transition }) => ({
      pointer: transition.pointer,
      label: transitionLabel(chart, state, transition),
    })),
    timers: charts.flatMap((chart) =>
      [...chart.states.values()].flatMap((state) =>
        state.delays.map(({ pointer, after }) => ({
          pointer,
          label: `${stateLabel(chart, state)}: after ${after}`,
        })),
      ),
    ),
    guards: transitions.flatMap(({ chart, state, transition }) => {
      const { guard } = transition;
      return guard === null
        ? []
        : [
            {
              pointer: guard.pointer,
              label: `${triggerLabel(chart, state, transition)} [${clipped(guard.text)}]`,
            },
          ];
    }),
  };
}

export function chartsOf(executable: Executable): readonly Chart[] {
  return [executable.order, ...[...executable.items.values()].map(({ chart }) => chart)];
}

/** By event, then eventless, as the compiler has them. */
export function transitionsOf(state: ChartState): readonly Transition[] {
  return [...[...state.on.values()].flat(), ...state.always];
}

function stateLabel(chart: Chart, state: ChartState): string {
  const path = state.path === "" ? "(root)" : state.path;
  return chart.collection === null ? path : `${chart.collection}/${path}`;
}

function transitionLabel(chart: Chart, state: ChartState, transition: Transition): string {
  const target = transition.targets === null ? "" : ` -> ${transition.targets.join(", ")}`;
  return triggerLabel(chart, state, transition) + target;
}

/** The trigger is read from the place below the state: `on/PASS_CHECK/1`, `always`, `invoke/0/onDone`. */
function triggerLabel(chart: Chart, state: ChartState, transition: Transition): string {
  const below = segmentsOf(transition.pointer.slice(state.pointer.length));
  const trigger = below[0] === "on" ? below.slice(1) : below;
  return `${stateLabel(chart, state)}: ${trigger.join(" ")}`;
}

function clipped(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const MAX_SHOWN = 80;
