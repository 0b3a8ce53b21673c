/** Warns of states that no way leads to, and of states that no way leads out of to the end of the order. */

import type { Chart, ChartState, Transition } from "../executable.ts";
import type { Reporter } from "../report.ts";

type States = Pick<Chart, "collection" | "root" | "states">;

/**
 * Guards are taken to pass and events to come: what is warned of is unreachable whatever happens. A way out is sought
 * generously through parallel regions, so that nothing is warned of that could still end.
 */
export function checkReachability({ collection, root, states }: States, reporter: Reporter): void {
  const reached = closure([root], (state) => entered(state, states));
  for (const state of states.values()) {
    const isOutermost = state.parent !== null && reached.has(state.parent);
    if (reached.has(state) || !isOutermost) continue;
    reporter.warning(
      "unreachable-state",
      state.pointer,
      `Expected a way to the state "${state.path}", found none: no transition leads to it, and it is not initial.`,
      "Add a transition to it, or remove it.",
    );
  }
  if (collection === null) checkWayOut(root, states, reached, reporter);
}

/** A chart without a final state of its own goes on for ever on purpose. */
function checkWayOut(
  root: ChartState,
  states: States["states"],
  reached: ReadonlySet<ChartState>,
  reporter: Reporter,
): void {
  const ends = root.children.filter(({ kind }) => kind === "final");
  if (ends.length === 0) return;
  const ending = statesThatEnd(ends, states);
  for (const state of reached) {
    if (state.kind !== "atomic" || ending.has(state)) continue;
    reporter.warning(
      "no-way-to-the-end",
      state.pointer,
      `Expected a way from the state "${state.path}" to a final state of the order, found none.`,
      "Add a transition that leads on, or make the state a final one.",
    );
  }
}

function closure(
  from: readonly ChartState[],
  step: (state: ChartState) => readonly ChartState[],
): ReadonlySet<ChartState> {
  const seen = new Set(from);
  for (const state of seen) for (const following of step(state)) seen.add(following);
  return seen;
}

/** What being in a state makes active sooner or later. */
function entered(state: ChartState, states: States["states"]): readonly ChartState[] {
  return [
    ...(state.parent === null ? [] : [state.parent]),
    ...defaultEntry(state, states),
    ...targets(state, states),
  ];
}

function defaultEntry(state: ChartState, states: States["states"]): readonly ChartState[] {
  const regions = state.children.filter(({ kind }) => kind !== "history");
  if (state.kind === "parallel") return regions;
  const path = state.kind === "history" ? state.historyTarget : state.initial;
  const initial = path === null ? undefined : states.get(path);
  return initial === undefined ? [] : [initial];
}

/** Every state from which an end can be come to, found backwards, so that each is looked at once. */
function statesThatEnd(
  ends: readonly ChartState[],
  states: States["states"],
): ReadonlySet<ChartState> {
  const before = new Map<ChartState, ChartState[]>();
  for (const state of states.values()) {
    for (const following of next(state, states)) {
      const known = before.get(following);
      if (known === undefined) before.set(following, [state]);
      else known.push(state);
    }
  }
  const opened = new Set<ChartState>();
  return closure(ends, (state) => [
    ...(before.get(state) ?? []),
    ...besides(state, states, opened),
  ]);
}

/** What one region leads to, whatever is active in the others leads to: all that is inside a parallel state, once. */
function besides(
  state: ChartState,
  states: States["states"],
  opened: Set<ChartState>,
): readonly ChartState[] {
  const found: ChartState[] = [];
  for (let at = state.parent; at !== null; at = at.parent) {
    if (at.kind !== "parallel" || opened.has(at)) continue;
    opened.add(at);
    const inside = at.path === "" ? "" : `${at.path}.`;
    for (const other of states.values()) if (other.path.startsWith(inside)) found.push(other);
  }
  return found;
}

/** Where a state leads by transitions of its own and of those around it. */
function next(state: ChartState, states: States["states"]): readonly ChartState[] {
  const found = [...defaultEntry(state, states)];
  for (let at: ChartState | null = state; at !== null; at = at.parent)
    found.push(...targets(at, states));
  // A history comes back to any state that was left before.
  if (state.kind === "history") found.push(...(state.parent?.children ?? []));
  return found;
}

function targets({ on, always }: ChartState, states: States["states"]): readonly ChartState[] {
  const transitions: readonly Transition[] = [...[...on.values()].flat(), ...always];
  return transitions
    .flatMap((transition) => transition.targets ?? [])
    .flatMap((path) => states.get(path) ?? []);
}
