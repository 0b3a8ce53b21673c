/** Makes a chart write down what it does: every entry, exit and transition adds its mark to the order's data. */

import type {
  ActionConfig,
  Actions,
  DefinitionDocument,
  StateConfig,
  Transitions,
} from "../../machines/document/document.ts";
import { labelOf, listOf, nameOf, transitionList } from "./scxml-tree.ts";

/**
 * A definition of this machine alone, whose data field `trace` grows by one mark per entry, exit and transition.
 * @param events those that no transition needs to name
 */
export function tracedDefinition(
  machine: StateConfig,
  events: readonly string[],
): DefinitionDocument {
  return {
    process: "conformance",
    version: "1.0.0",
    data: { type: "object", properties: { trace: { type: "string", default: "" } } },
    events: Object.fromEntries(events.map((event) => [event, {}])),
    machine: tracedState(machine, ""),
  };
}

function tracedState(state: StateConfig, path: string): StateConfig {
  const { on, always, onDone, states } = state;
  const inner = {
    ...state,
    ...(on && { on: mapValues(on, (given, event) => traced(given, path, event)) }),
    ...(always && { always: traced(always, path, "always") }),
    ...(onDone && { onDone: traced(onDone, path, "done") }),
    ...(states && {
      states: mapValues(states, (child, key) =>
        tracedState(child, path === "" ? key : `${path}.${key}`),
      ),
    }),
  };
  const isHistory =
    state.type === "history" || (state.type === undefined && state.history !== undefined);
  if (isHistory) return inner;
  return {
    ...inner,
    entry: [mark(`+${nameOf(path)}`), ...listOf<Actions>(state.entry).flatMap(actionList)],
    exit: [mark(`-${nameOf(path)}`), ...listOf<Actions>(state.exit).flatMap(actionList)],
  };
}

function traced(given: Transitions, path: string, event: string): Transitions {
  return transitionList(given).map((transition, index) => ({
    ...transition,
    actions: [mark(`>${labelOf(path, event, index)}`), ...actionList(transition.actions ?? [])],
  }));
}

function actionList(actions: Actions): readonly (string | ActionConfig)[] {
  return listOf<string | ActionConfig>(actions);
}

function mark(text: string): ActionConfig {
  return { type: "assign", params: { trace: `= trace + "${text} "` } };
}

function mapValues<T, U>(
  of: { readonly [key: string]: T },
  change: (value: T, key: string) => U,
): { readonly [key: string]: U } {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value, key)]));
}
