/**
 * The judge of the engine's statechart semantics: the algorithm of SCXML 1.0 appendix D, function by function, over our
 * machine configuration. Written from the specification alone; it shares no code and no library with the engine.
 *
 * What the configuration has and SCXML has not is read as follows.
 * - A transition without `reenter` is SCXML's `internal`, and XState's: when all of its targets are its source or inside
 *   it, its source is not left; an atomic source is its own and only target then, and does not move. SCXML itself
 *   grants this to compound sources and inner targets only.
 * - The root may have transitions, and the chart ends when the root is in a final configuration (a final child, or all
 *   regions of a parallel root).
 * - A parallel state inside a parallel state completes it in turn, as section 3.4 says; appendix D looks one level up only.
 */

import type { StateConfig } from "../../machines/document/document.ts";
import { doneEvent, nameOf, readChart, type Edge, type Node } from "./scxml-tree.ts";

export interface Configuration {
  readonly root: Node;
  /** In document order. After the end: those that were active when it came. */
  readonly active: readonly Node[];
  readonly history: ReadonlyMap<Node, readonly Node[]>;
  readonly running: boolean;
}

export interface Macrostep {
  readonly configuration: Configuration;
  /** Whether the event itself enabled a transition. */
  readonly taken: boolean;
  /** `+state` entered, `-state` left, `>source:EVENT` transition taken: in the order in which their content runs. */
  readonly trace: readonly string[];
}

/** A macrostep with more microsteps than this is taken for endless. */
const MAX_MICROSTEPS = 200;

export class EndlessMacrostep extends Error {
  override readonly name = "EndlessMacrostep";
}

export function startChart(machine: StateConfig): Macrostep {
  const root = readChart(machine);
  const run = createRun({ root, active: [], history: new Map(), running: true });
  const entry = new Set<Node>();
  run.addDescendants(root, entry);
  run.enter(entry);
  run.settle();
  return { configuration: run.configuration(), taken: true, trace: run.trace };
}

export function sendEvent(before: Configuration, event: string): Macrostep {
  if (!before.running) return { configuration: before, taken: false, trace: [] };
  const run = createRun(before);
  const enabled = run.select(event);
  if (enabled.length > 0) {
    run.microstep(enabled);
    run.settle();
  }
  return { configuration: run.configuration(), taken: enabled.length > 0, trace: run.trace };
}

/** Paths of the active states without inner states, in document order. */
export function leavesOf({ active }: Configuration): readonly string[] {
  return active.filter(isAtomic).map(({ path }) => nameOf(path));
}

function createRun(before: Configuration) {
  const active = new Set(before.active);
  const history = new Map(before.history);
  const internalQueue: string[] = [];
  const trace: string[] = [];
  let running = before.running;
  let microsteps = 0;

  const inOrder = () => [...active].toSorted((a, b) => a.order - b.order);

  /** `mainEventLoop`, from a microstep until the macrostep is complete. */
  const settle = (): void => {
    while (running) {
      let enabled = select(null);
      if (enabled.length === 0) {
        const event = internalQueue.shift();
        if (event === undefined) return;
        enabled = select(event);
      }
      if (enabled.length > 0) microstep(enabled);
    }
    for (const node of inOrder().toReversed()) trace.push(`-${nameOf(node.path)}`);
  };

  /** `selectTransitions` and, with null, `selectEventlessTransitions`. */
  const select = (event: string | null): readonly Edge[] => {
    const enabled = new Set<Edge>();
    for (const atomic of inOrder().filter(isAtomic)) {
      const edge = [atomic, ...properAncestors(atomic, null)]
        .flatMap(({ transitions }) => transitions)
        .find((candidate) => candidate.event === event && holds(candidate.guard, active));
      if (edge !== undefined) enabled.add(edge);
    }
    return removeConflicting([...enabled]);
  };

  const removeConflicting = (enabled: readonly Edge[]): readonly Edge[] => {
    const filtered = new Set<Edge>();
    for (const edge of enabled) {
      const exits = exitSet([edge]);
      const rivals = [...filtered].filter((other) =>
        exitSet([other]).some((s) => exits.includes(s)),
      );
      if (!rivals.every((other) => isDescendant(edge.source, other.source))) continue;
      for (const other of rivals) filtered.delete(other);
      filtered.add(edge);
    }
    return [...filtered];
  };

  const microstep = (enabled: readonly Edge[]): void => {
    microsteps += 1;
    if (microsteps > MAX_MICROSTEPS)
      throw new EndlessMacrostep(`Over ${MAX_MICROSTEPS} microsteps`);
    // What a history target stands for may change by the exit; where its transition moves in does not.
    const domains = new Map(enabled.map((edge) => [edge, domainOf(edge)]));
    exit(exitSet(enabled));
    for (const { label, raises } of enabled) {
      trace.push(`>${label}`);
      internalQueue.push(...raises);
    }
    enter(entrySet(domains));
  };

  const exit = (nodes: readonly Node[]): void => {
    const leaving = nodes.toSorted((a, b) => b.order - a.order);
    for (const node of leaving) {
      for (const memory of node.children.filter(({ kind }) => kind === "history")) {
        const remembers = (s: Node) =>
          memory.deep ? isAtomic(s) && isDescendant(s, node) : s.parent === node;
        history.set(memory, inOrder().filter(remembers));
      }
    }
    for (const node of leaving) {
      trace.push(`-${nameOf(node.path)}`);
      internalQueue.push(...node.exit);
      active.delete(node);
    }
  };

  const enter = (nodes: ReadonlySet<Node>): void => {
    const entering = [...nodes].filter((node) => !active.has(node));
    for (const node of entering.toSorted((a, b) => a.order - b.order)) {
      active.add(node);
      trace.push(`+${nameOf(node.path)}`);
      internalQueue.push(...node.entry);
      if (node.kind === "final" && node.parent !== null) complete(node.parent);
    }
  };

  /** Section 3.7: `parent` has reached a final state; a parallel state around it may be complete by that. */
  const complete = (parent: Node): void => {
    if (parent.parent === null) running = false;
    else internalQueue.push(doneEvent(parent));
    const around = parent.parent;
    if (around?.kind === "parallel" && isInFinalState(around)) complete(around);
  };

  const isInFinalState = (node: Node): boolean => {
    if (node.kind === "parallel") return regions(node).every(isInFinalState);
    return node.children.some((inner) => inner.kind === "final" && active.has(inner));
  };

  const exitSet = (edges: readonly Edge[]): readonly Node[] => {
    const domains = edges.filter(({ targets }) => targets.length > 0).map(domainOf);
    return inOrder().filter((node) => domains.some((domain) => isDescendant(node, domain)));
  };

  const entrySet = (domains: ReadonlyMap<Edge, Node | null>): ReadonlySet<Node> => {
    const into = new Set<Node>();
    for (const [edge, domain] of domains) {
      // An atomic state that is the domain has nothing inside it to leave or to enter.
      if (edge.targets.length === 0 || (domain !== null && isAtomic(domain))) continue;
      for (const target of edge.targets) addDescendants(target, into);
      for (const target of effectiveTargets(edge.targets)) addAncestors(target, domain, into);
      // A domain that stays active although it is parallel has every region entered.
      if (domain?.kind === "parallel") fillRegions(domain, into);
    }
    return into;
  };

  const addDescendants = (node: Node, into: Set<Node>): void => {
    if (node.kind === "history") {
      const inner = history.get(node) ?? node.initial;
      for (const state of inner) addDescendants(state, into);
      for (const state of inner) addAncestors(state, node.parent, into);
      return;
    }
    into.add(node);
    if (node.kind === "parallel") fillRegions(node, into);
    for (const state of node.kind === "compound" ? node.initial : []) {
      addDescendants(state, into);
      addAncestors(state, node, into);
    }
  };

  const addAncestors = (node: Node, domain: Node | null, into: Set<Node>): void => {
    for (const ancestor of properAncestors(node, domain)) {
      into.add(ancestor);
      if (ancestor.kind === "parallel") fillRegions(ancestor, into);
    }
  };

  const fillRegions = (parallel: Node, into: Set<Node>): void => {
    for (const region of regions(parallel)) {
      if (![...into].some((state) => isDescendant(state, region))) addDescendants(region, into);
    }
  };

  const effectiveTargets = (targets: readonly Node[]): readonly Node[] =>
    targets.flatMap((target) => {
      if (target.kind !== "history") return [target];
      return history.get(target) ?? effectiveTargets(target.initial);
    });

  /** `getTransitionDomain`; null stands for what is around the root. */
  const domainOf = ({ source, targets, external }: Edge): Node | null => {
    const reached = effectiveTargets(targets);
    const stays = reached.every((state) => state === source || isDescendant(state, source));
    return stays && !external ? source : leastCommonCompoundAncestor(source, reached);
  };

  const configuration = (): Configuration => ({
    root: before.root,
    active: inOrder(),
    history,
    running,
  });

  return { addDescendants, configuration, enter, microstep, select, settle, trace };
}

function leastCommonCompoundAncestor(source: Node, reached: readonly Node[]): Node | null {
  const common = properAncestors(source, null)
    .filter(({ kind, parent }) => kind === "compound" || parent === null)
    .find((ancestor) => reached.every((state) => isDescendant(state, ancestor)));
  return common ?? null;
}

/** `getProperAncestors`: innermost first, up to and without `until`; none when that is the node itself or inside it. */
function properAncestors(node: Node, until: Node | null): readonly Node[] {
  const ancestors: Node[] = [];
  if (until !== null && (until === node || isDescendant(until, node))) return ancestors;
  for (let at = node.parent; at !== null && at !== until; at = at.parent) ancestors.push(at);
  return ancestors;
}

/** Everything, the root too, is inside what is around the root. */
function isDescendant(node: Node, ancestor: Node | null): boolean {
  return ancestor === null || properAncestors(node, null).includes(ancestor);
}

function isAtomic({ kind }: Node): boolean {
  return kind === "atomic" || kind === "final";
}

function regions({ children }: Node): readonly Node[] {
  return children.filter(({ kind }) => kind !== "history");
}

/** The guards that conformance charts use: terms `true`, `false`, `inState("path")` and their negation, joined by `&&`. */
function holds(guard: string | null, active: ReadonlySet<Node>): boolean {
  if (guard === null) return true;
  return guard
    .replace(/^= /, "")
    .split(" && ")
    .every((term) => {
      const [, not, path, literal] = /^(!?)(?:inState\("([^"]*)"\)|(true|false))$/.exec(term) ?? [];
      if (path === undefined && literal === undefined)
        throw new Error(`No guard for charts: ${guard}`);
      const value =
        path === undefined ? literal === "true" : [...active].some((s) => s.path === path);
      return not === "!" ? !value : value;
    });
}
