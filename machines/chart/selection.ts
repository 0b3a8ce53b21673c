/**
 * Chooses the transitions of a microstep by SCXML appendix D, and states each so that XState leaves and enters exactly
 * what the algorithm says.
 *
 * XState differs from the algorithm in four places, each with charts in the conformance tests: a parallel state's
 * transition starves when one of its regions takes the event; a transition from one region into another keeps the
 * parallel state, although its domain is the least common *compound* ancestor; and a history target whose states are
 * active, or are all regions of an active parallel state, is entered without having been left.
 */

import type { AnyMachineSnapshot, AnyStateNode, AnyTransitionDefinition } from "xstate";
import type { ChartContext, ChartEvent } from "./moment.ts";
import { isChartGuard, type ChartSnapshot } from "./xstate-shapes.ts";

type Edge = AnyTransitionDefinition;
type Nodes = readonly AnyStateNode[];
type History = Readonly<Record<string, Nodes>>;

/** What is left and entered lies inside this state; `outside` is what is around the root; null leaves nothing. */
type Domain = AnyStateNode | "outside" | null;

/** The event by which eventless transitions are looked for, before any other that is queued inside. */
export const EVENTLESS = "sevenstep.eventless";

export function selectTransitions(snapshot: AnyMachineSnapshot, event: ChartEvent): Edge[] {
  const history: History = snapshot.historyValue;
  const active: Nodes = snapshot._nodes;
  const enabled = enabledTransitions(snapshot, active, event);
  const { selection } = contextOf(snapshot);
  if (selection.count < 0) selection.count = enabled.length;
  return withoutConflicts(enabled, active, history).map((edge) => restated(edge, active, history));
}

/** `selectTransitions`: per atomic state, the innermost ancestor with an enabled transition. */
function enabledTransitions(snapshot: ChartSnapshot, active: Nodes, event: ChartEvent): Edge[] {
  const enabled: Edge[] = [];
  for (const node of active) {
    if (node.type !== "atomic" && node.type !== "final") continue;
    for (let at: AnyStateNode | undefined = node; at !== undefined; at = at.parent) {
      const edge = firstEnabled(at, snapshot, event);
      if (edge === undefined) continue;
      if (!enabled.includes(edge)) enabled.push(edge);
      break;
    }
  }
  return enabled;
}

function firstEnabled(node: AnyStateNode, snapshot: ChartSnapshot, event: ChartEvent) {
  const edges = node.transitions.get(event.type);
  if (edges === undefined) return undefined;
  for (const edge of edges) {
    const { guard } = edge;
    if (guard === undefined) return edge;
    if (isChartGuard(guard) && guard.check(snapshot, { event })) return edge;
  }
  return undefined;
}

/** `removeConflictingTransitions`: of two that would leave the same state the inner one stays, else the first. */
function withoutConflicts(enabled: Edge[], active: Nodes, history: History): Edge[] {
  if (enabled.length < 2) return enabled;
  const kept = new Map<Edge, Domain>();
  for (const edge of enabled) {
    const domain = domainOf(edge, history);
    const rivals = [...kept].filter(([, other]) =>
      active.some((node) => isInside(node, domain) && isInside(node, other)),
    );
    if (!rivals.every(([other]) => isInside(edge.source, other.source))) continue;
    for (const [other] of rivals) kept.delete(other);
    kept.set(edge, domain);
  }
  return [...kept.keys()];
}

/** `getTransitionDomain`; without `reenter` a source is not left for itself or for what is inside it. */
function domainOf({ source, target, reenter }: Edge, history: History): Domain {
  if (target === undefined || target.length === 0) return null;
  const reached = effectiveTargets(target, history);
  if (!reenter && reached.every((node) => node === source || isInside(node, source))) return source;
  for (let at: AnyStateNode | undefined = source.parent; at !== undefined; at = at.parent) {
    const candidate = at;
    if (candidate.type !== "compound" && candidate.parent !== undefined) continue;
    if (reached.every((node) => isInside(node, candidate))) return candidate;
  }
  return "outside";
}

const restatements = new WeakMap<Edge, Edge>();

/** The same transition with a source and targets from which XState concludes the domain that SCXML gives it. */
function restated(edge: Edge, active: Nodes, history: History): Edge {
  const known = restatements.get(edge);
  if (known !== undefined) return known;
  const domain = domainOf(edge, history);
  if (domain === null || edge.target === undefined) return edge;
  // A history whose parent is not left now keeps its value, so that its states can stand for it.
  const target = edge.target.flatMap((node) =>
    isHistory(node) && isKept(node.parent, domain, active)
      ? effectiveTargets([node], history)
      : [node],
  );
  const result =
    domain === edge.source && !edge.reenter
      ? { ...edge, target }
      : { ...edge, target, source: outermost(edge.source, domain), reenter: true };
  if (!edge.target.some(isHistory)) restatements.set(edge, result);
  return result;
}

/** The state right below the domain that the source is in: XState takes the parent of a re-entering source for domain. */
function outermost(source: AnyStateNode, domain: AnyStateNode | "outside"): AnyStateNode {
  let at = source;
  while (at.parent !== undefined && at.parent !== domain) at = at.parent;
  return at;
}

function isKept(
  node: AnyStateNode | undefined,
  domain: AnyStateNode | "outside",
  active: Nodes,
): boolean {
  return node !== undefined && active.includes(node) && !isInside(node, domain);
}

/** `getEffectiveTargetStates`. */
function effectiveTargets(targets: Nodes, history: History): AnyStateNode[] {
  return targets.flatMap((node) =>
    isHistory(node) ? (history[node.id] ?? effectiveTargets(defaultsOf(node), history)) : [node],
  );
}

/** Where a history state without a past leads: its own target, else the default entry of its parent. */
function defaultsOf(node: AnyStateNode): Nodes {
  const target: unknown = node.config.target;
  if (typeof target === "string") return [node.machine.getStateNodeById(target)];
  if (node.parent === undefined) return [];
  if (node.parent.type === "compound") return node.parent.initial.target ?? [];
  return Object.values<AnyStateNode>(node.parent.states).filter((region) => !isHistory(region));
}

function isHistory({ type }: AnyStateNode): boolean {
  return type === "history";
}

/** Never true of a state and itself. */
function isInside(node: AnyStateNode, outer: Domain): boolean {
  if (outer === "outside") return true;
  if (outer === null) return false;
  for (let at = node.parent; at !== undefined; at = at.parent) if (at === outer) return true;
  return false;
}

function contextOf({ context }: ChartSnapshot): ChartContext {
  return context;
}
