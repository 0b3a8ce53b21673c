/** The XState configuration of a compiled statechart: targets by id, guards and actions as functions of our own. */

import type { createMachine } from "xstate";
import type { ChartState, Guard, Transition } from "../compile/executable.ts";
import type { JsonObject } from "../json.ts";
import type { ChartContext, ChartEvent, Deed, Moment } from "./moment.ts";
import { EVENTLESS } from "./selection.ts";
import { isUserTask } from "./user-task.ts";
import type { ChartGuard, ChartSnapshot, MetEvent } from "./xstate-shapes.ts";

type MachineConfig = Parameters<typeof createMachine>[0];

/** Root id inside XState. Every other id is this and the path, so that ids and paths turn into one another. */
const ROOT_ID = "chart";

interface NodeConfig {
  readonly [key: string]: unknown;
}

export function xstateConfig(root: ChartState, maxIterations: number): MachineConfig {
  return {
    ...nodeConfig(root, hasEventless(root)),
    id: ROOT_ID,
    context: ({ input }: { input: ChartContext }) => input,
    options: { maxIterations },
  };
}

function hasEventless({ always, children }: ChartState): boolean {
  return always.length > 0 || children.some(hasEventless);
}

/** @param eventless whether any state of the chart has eventless transitions, so that they must be looked for */
function nodeConfig(state: ChartState, eventless: boolean): NodeConfig {
  return {
    ...(state.kind === "compound" || state.kind === "atomic" ? {} : { type: state.kind }),
    ...(state.initial === null
      ? {}
      : { initial: state.initial.slice(state.initial.lastIndexOf(".") + 1) }),
    ...(state.history === null ? {} : { history: state.history }),
    ...(state.historyTarget === null ? {} : { target: idOf(state.historyTarget) }),
    ...(state.children.length === 0
      ? {}
      : {
          states: Object.fromEntries(
            state.children.map((child) => [child.key, nodeConfig(child, eventless)]),
          ),
        }),
    entry: [
      ...(state.parent === null && eventless ? [lookForEventless] : []),
      ...entryDeeds(state).map(deedAction),
    ],
    exit: exitDeeds(state).map(deedAction),
    on: Object.fromEntries(
      [...state.on, [EVENTLESS, state.always] as const].map(([event, transitions]) => [
        event,
        transitions.map((transition) => transitionConfig(transition, eventless)),
      ]),
    ),
    tags: state.tags,
  };
}

function entryDeeds(state: ChartState): readonly Deed[] {
  return [
    ...state.entry,
    ...state.delays.map((delay): Deed => ({ kind: "timer.set", state: state.path, delay })),
    ...state.invokes.map((invocation): Deed => ({
      kind: "job.open",
      state: state.path,
      invocation,
    })),
    ...(isUserTask(state) ? [{ kind: "task.begin", state: state.path } as const] : []),
  ];
}

function exitDeeds(state: ChartState): readonly Deed[] {
  return [
    ...state.exit,
    ...state.delays.map((delay): Deed => ({ kind: "timer.cancel", state: state.path, delay })),
    ...state.invokes.map((invocation): Deed => ({
      kind: "job.close",
      state: state.path,
      invocation,
    })),
  ];
}

function transitionConfig(transition: Transition, eventless: boolean): NodeConfig {
  return {
    ...(transition.targets === null ? {} : { target: transition.targets.map(idOf) }),
    ...(transition.guard === null ? {} : { guard: guardFunction(transition.guard) }),
    reenter: transition.reenter,
    // The mark goes before the document's actions, so that transitions stand in the order in which they are taken.
    actions: [
      ...(eventless ? [lookForEventless] : []),
      deedAction({ kind: "mark", pointer: transition.pointer }),
      ...transition.actions.map(deedAction),
    ],
  };
}

function idOf(path: string): string {
  return path === "" ? `#${ROOT_ID}` : `#${ROOT_ID}.${path}`;
}

function guardFunction(guard: Guard): ChartGuard {
  const check: ChartGuard["check"] = (snapshot, { event }) =>
    snapshot.context.conductor.passes(guard, momentOf(snapshot, event));
  return Object.assign((): boolean => false, { check });
}

function deedAction(deed: Deed) {
  const resolve = (
    _scope: unknown,
    snapshot: ChartSnapshot,
    args: { readonly event: MetEvent },
    _params: unknown,
    _action: unknown,
    extra: { readonly internalQueue: ChartEvent[] },
  ): readonly [ChartSnapshot, undefined, undefined] => {
    const { context } = snapshot;
    const result = context.conductor.perform(deed, momentOf(snapshot, args.event));
    if (result.kind === "raised") extra.internalQueue.push(result.event);
    if (result.kind !== "data") return [snapshot, undefined, undefined];
    return [{ ...snapshot, context: { ...context, data: result.data } }, undefined, undefined];
  };
  return Object.assign((): void => {}, { type: `sevenstep.${deed.kind}`, resolve });
}

/** After every microstep eventless transitions come before the next internal event (SCXML appendix D, mainEventLoop). */
const lookForEventless = Object.assign((): void => {}, {
  type: EVENTLESS,
  resolve: (
    _scope: unknown,
    snapshot: ChartSnapshot,
    _args: unknown,
    _params: unknown,
    _action: unknown,
    { internalQueue }: { readonly internalQueue: ChartEvent[] },
  ): readonly [ChartSnapshot, undefined, undefined] => {
    if (internalQueue[0]?.type !== EVENTLESS) {
      internalQueue.unshift({ type: EVENTLESS, payload: NO_PAYLOAD });
    }
    return [snapshot, undefined, undefined];
  },
});

const NO_PAYLOAD: JsonObject = {};

function momentOf(snapshot: ChartSnapshot, event: MetEvent): Moment {
  return {
    context: snapshot.context,
    event: { type: event.type, payload: event.payload ?? NO_PAYLOAD },
    inState: (path) => {
      const id = path === "" ? ROOT_ID : `${ROOT_ID}.${path}`;
      return snapshot._nodes.some((node) => node.id === id);
    },
  };
}
