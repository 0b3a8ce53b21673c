/** Reads a machine configuration into the tree of states and transitions that the SCXML algorithm walks. */

import type {
  Actions,
  StateConfig,
  TransitionConfig,
  Transitions,
} from "../../machines/document/document.ts";

export type Kind = "atomic" | "compound" | "parallel" | "final" | "history";

export interface Node {
  readonly path: string;
  readonly kind: Kind;
  readonly deep: boolean;
  /** Document order. */
  readonly order: number;
  readonly parent: Node | null;
  readonly children: readonly Node[];
  readonly initial: readonly Node[];
  readonly transitions: readonly Edge[];
  /** Events that entering or leaving raises, in order. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

export interface Edge {
  readonly source: Node;
  /** Null: eventless. */
  readonly event: string | null;
  readonly targets: readonly Node[];
  readonly external: boolean;
  readonly guard: string | null;
  readonly raises: readonly string[];
  /** `source:EVENT`, and `.1`, `.2` for the alternatives after the first. */
  readonly label: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft extends Mutable<Omit<Node, "parent" | "children">> {
  readonly config: StateConfig;
  readonly parent: Draft | null;
  readonly children: Draft[];
}

export const doneEvent = (node: Node): string => `done.state.${node.path}`;

/** `/` for the root, else the keys from the root with dots between. */
export const nameOf = (path: string): string => (path === "" ? "/" : path);

export function readChart(machine: StateConfig): Node {
  const all: Draft[] = [];
  const root = draft(machine, "", null, all);
  for (const node of all) {
    const first = node.config.initial;
    if (node.kind === "compound" && first !== undefined) node.initial = [child(node, first)];
    // A history state without a default target stands for the default entry of its parent.
    if (node.kind === "history") node.initial = historyDefault(node, all);
    node.transitions = edgesOf(node, all);
  }
  return root;
}

function draft(config: StateConfig, path: string, parent: Draft | null, all: Draft[]): Draft {
  const node: Draft = {
    path,
    config,
    kind: kindOf(config),
    deep: config.history === "deep",
    order: all.length,
    parent,
    children: [],
    initial: [],
    transitions: [],
    entry: raisesOf(config.entry),
    exit: raisesOf(config.exit),
  };
  all.push(node);
  for (const [key, inner] of Object.entries(config.states ?? {})) {
    node.children.push(draft(inner, path === "" ? key : `${path}.${key}`, node, all));
  }
  return node;
}

function kindOf({ type, history, states }: StateConfig): Kind {
  if (type !== undefined) return type;
  if (history !== undefined && history !== false) return "history";
  return states === undefined ? "atomic" : "compound";
}

function historyDefault(node: Draft, all: readonly Draft[]): readonly Node[] {
  if (node.config.target !== undefined) return [resolve(node, node.config.target, all)];
  const parent = node.parent;
  if (parent === null) throw new Error("A history state has a parent.");
  if (parent.config.initial !== undefined) return [child(parent, parent.config.initial)];
  return parent.children.filter(({ kind }) => kind !== "history");
}

function edgesOf(node: Draft, all: readonly Draft[]): readonly Edge[] {
  const { on = {}, always, onDone } = node.config;
  return [
    ...Object.entries(on).flatMap(([event, given]) => edges(node, event, event, given, all)),
    ...edges(node, null, "always", always, all),
    ...edges(node, doneEvent(node), "done", onDone, all),
  ];
}

function edges(
  source: Draft,
  event: string | null,
  name: string,
  given: Transitions | undefined,
  all: readonly Draft[],
): readonly Edge[] {
  return transitionList(given).map((config, index) => ({
    source,
    event,
    targets: listOf(config.target).map((target) => resolve(source, target, all)),
    external: config.reenter ?? false,
    guard: config.guard ?? null,
    raises: raisesOf(config.actions),
    label: labelOf(source.path, name, index),
  }));
}

export function labelOf(path: string, event: string, index: number): string {
  return `${nameOf(path)}:${event}${index === 0 ? "" : `.${index}`}`;
}

export function transitionList(given: Transitions | undefined): readonly TransitionConfig[] {
  return listOf(given).map((entry) => (typeof entry === "string" ? { target: entry } : entry));
}

export function listOf<T>(given: T | readonly T[] | undefined): readonly T[] {
  if (given === undefined) return [];
  return isList(given) ? given : [given];
}

function isList<T>(given: T | readonly T[]): given is readonly T[] {
  return Array.isArray(given);
}

function raisesOf(actions: Actions | undefined): readonly string[] {
  return listOf(actions).flatMap((action) => {
    const event = typeof action === "string" ? undefined : action.params?.["event"];
    return typeof action !== "string" && action.type === "raise" && typeof event === "string"
      ? [event]
      : [];
  });
}

function resolve(source: Draft, target: string, all: readonly Draft[]): Draft {
  if (target.startsWith("#")) {
    const [id, ...keys] = target.slice(1).split(".");
    const found = all.find(({ config }) => config.id === id);
    if (found === undefined) throw new Error(`No state has the id ${target}.`);
    return keys.reduce(child, found);
  }
  if (target.startsWith(".")) return target.slice(1).split(".").reduce(child, source);
  if (source.parent === null) throw new Error(`The root has no sibling ${target}.`);
  return target.split(".").reduce(child, source.parent);
}

function child(parent: Draft, key: string): Draft {
  const path = parent.path === "" ? key : `${parent.path}.${key}`;
  const found = parent.children.find((candidate) => candidate.path === path);
  if (found === undefined) throw new Error(`${nameOf(parent.path)} has no inner state ${key}.`);
  return found;
}
