/**
 * Binds a compiled statechart to XState's machine transition, purely.
 *
 * XState is used without an actor: no clock, no spawn, no side effect. Guards and actions are functions of our own
 * that follow XState's protocol for built-in ones (`check`, `resolve`), because only those are shown the configuration
 * that they run in. Which transitions are taken, and what they leave and enter, is decided by SCXML appendix D in
 * selection.ts; eventless transitions go the same way, by an event of our own that goes before all that is queued.
 */

import { createActor, createMachine, isMachineSnapshot } from "xstate";
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from "xstate";
import type { ChartState } from "../compile/executable.ts";
import type { JsonObject } from "../json.ts";
import type { StateValue } from "../order.ts";
import { xstateConfig } from "./config.ts";
import type { ChartContext, ChartEvent } from "./moment.ts";
import { selectTransitions } from "./selection.ts";
import { activeNodes, inDocumentOrder, valueOf } from "./value.ts";
import type { ChartSnapshot } from "./xstate-shapes.ts";

/** A statechart in one configuration, between two events. */
export interface LiveChart {
  readonly value: StateValue;
  readonly status: "active" | "done";
  readonly data: JsonObject;
  /** By history state's path, the paths of the states that it comes back to. */
  readonly history: { readonly [path: string]: readonly string[] };
  /** Paths of the active states, in document order, the root first. */
  readonly active: readonly string[];
  readonly snapshot: AnyMachineSnapshot;
}

/** What a stored chart is restored from. */
export interface StoredChart {
  readonly value: StateValue;
  readonly status: "active" | "done";
  readonly history: { readonly [path: string]: readonly string[] };
}

export interface Machine {
  /** Enters the initial configuration. @throws what a guard or an action throws */
  readonly start: (context: ChartContext) => LiveChart;
  /** @throws {RangeError} when the value is not a legal configuration of this chart */
  readonly restore: (stored: StoredChart, context: ChartContext) => LiveChart;
  /** One macrostep (SCXML 3.13). `selected` is false when no transition was enabled by the event itself. */
  readonly transition: (
    live: LiveChart,
    event: ChartEvent,
  ) => { readonly live: LiveChart; readonly selected: boolean };
}

/** Upper bound of configurations remembered per chart; beyond it the memory is emptied, never wrong. */
const REMEMBERED_CONFIGURATIONS = 4_096;
/** Upper bound of microsteps in one macrostep: a document whose eventless transitions cycle is stopped here. */
const MAX_MICROSTEPS = 1_000;

export function createChartMachine(root: ChartState): Machine {
  const machine: AnyStateMachine = createMachine(xstateConfig(root, MAX_MICROSTEPS));
  machine.getTransitionData = selectTransitions;
  const scope = inertScope();
  const configurations = remember(configurationOf, keyOf);
  const resting = (value: StateValue): Resting => {
    const snapshot = template(machine, value);
    return { snapshot, configuration: configurations(snapshot._nodes) };
  };
  const restings = rememberValues(remember(resting, JSON.stringify));

  const live = (snapshot: AnyMachineSnapshot, history: LiveChart["history"]): LiveChart =>
    liveChart(configurations(inDocumentOrder(snapshot._nodes)), snapshot, history);

  return {
    start: (context) => {
      const snapshot = machine.getInitialSnapshot(scope, context);
      // XState turns a throwing entry action into a status instead of letting it through.
      if (snapshot.status === "error") throw snapshot.error;
      return live(snapshot, historyPaths(snapshot));
    },
    restore: (stored, context) => {
      const { value, status, history } = stored;
      const { snapshot, configuration } = restings(value);
      const historyValue = historyNodes(machine, history);
      const restored = Object.assign({ ...snapshot }, { status, context, historyValue });
      return liveChart(configuration, restored, history);
    },
    transition: (before, event) => {
      const selection = { count: -1 };
      const context: ChartContext = { ...contextOf(before.snapshot), selection };
      const next = machine.transition({ ...before.snapshot, context }, event, scope);
      const history =
        next.historyValue === before.snapshot.historyValue ? before.history : historyPaths(next);
      return { live: live(next, history), selected: selection.count > 0 };
    },
  };
}

/** A value at rest: all of a chart in it but whose it is, and what it remembers. */
interface Resting {
  readonly snapshot: AnyMachineSnapshot;
  readonly configuration: Configuration;
}

type Configuration = Pick<LiveChart, "value" | "active">;

function liveChart(
  { value, active }: Configuration,
  snapshot: AnyMachineSnapshot,
  history: LiveChart["history"],
): LiveChart {
  const status = snapshot.status === "done" ? "done" : "active";
  return { value, status, data: contextOf(snapshot).data, history, active, snapshot };
}

/** A value that a chart gave is the very same object each time, so that its text need not be made to find it. */
function rememberValues<Out>(make: (value: StateValue) => Out): (value: StateValue) => Out {
  const made = new WeakMap<object, Out>();
  return (value) => {
    if (typeof value === "string") return make(value);
    const known = made.get(value);
    if (known !== undefined) return known;
    const out = make(value);
    made.set(value, out);
    return out;
  };
}

function remember<In, Out>(make: (from: In) => Out, key: (from: In) => string): (from: In) => Out {
  const made = new Map<string, Out>();
  return (from) => {
    const name = key(from);
    const known = made.get(name);
    if (known !== undefined) return known;
    const out = make(from);
    if (made.size >= REMEMBERED_CONFIGURATIONS) made.clear();
    made.set(name, out);
    return out;
  };
}

/** A snapshot in the given configuration, for contexts and histories to be laid over. */
function template(machine: AnyStateMachine, value: StateValue): AnyMachineSnapshot {
  const nodes = activeNodes(machine.root, value);
  return { ...machine.resolveState({ value, context: {} }), _nodes: nodes, value: valueOf(nodes) };
}

function configurationOf(nodes: readonly AnyStateNode[]): Configuration {
  return { value: valueOf(nodes), active: nodes.map((node) => node.path.join(".")) };
}

function keyOf(nodes: readonly AnyStateNode[]): string {
  let key = "";
  for (const { order } of nodes) key += `${order},`;
  return key;
}

function contextOf({ context }: ChartSnapshot): ChartContext {
  return context;
}

/** A scope in which nothing can happen; it only keeps active nodes in document order between microsteps. */
function inertScope(): AnyActorScope {
  const self = createActor(createMachine({}), {
    inspect: (inspected) => {
      if (inspected.type === "@xstate.microstep" && isMachineSnapshot(inspected.snapshot)) {
        inDocumentOrder(inspected.snapshot._nodes);
      }
    },
  });
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: ignore,
    defer: ignore,
    emit: ignore,
    stopChild: ignore,
    actionExecutor: ignore,
  };
}

function ignore(): void {
  // Nothing may leave the pure core: what a step causes is in its result.
}

function historyPaths(snapshot: AnyMachineSnapshot): LiveChart["history"] {
  const paths: Record<string, readonly string[]> = {};
  for (const id of Object.keys(snapshot.historyValue).toSorted()) {
    const key = snapshot.machine.getStateNodeById(id).path.join(".");
    paths[key] = (snapshot.historyValue[id] ?? [])
      .toSorted((a, b) => a.order - b.order)
      .map((node) => node.path.join("."));
  }
  return paths;
}

function historyNodes(machine: AnyStateMachine, history: StoredChart["history"]) {
  const nodes: Record<string, AnyStateNode[]> = {};
  for (const [path, targets] of Object.entries(history)) {
    nodes[nodeAt(machine, path).id] = targets.map((target) => nodeAt(machine, target));
  }
  return nodes;
}

function nodeAt(machine: AnyStateMachine, path: string): AnyStateNode {
  try {
    return machine.getStateNodeById(path === "" ? machine.id : `${machine.id}.${path}`);
  } catch (cause) {
    throw new RangeError(`The definition has no state "${path}".`, { cause });
  }
}
