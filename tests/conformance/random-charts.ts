/** Draws small random charts and sequences of events: every kind of state, target and content that SCXML and we share. */

import fc from "fast-check";
import type {
  ActionConfig,
  StateConfig,
  TransitionConfig,
} from "../../machines/document/document.ts";

export interface RandomRun {
  readonly machine: StateConfig;
  readonly events: readonly string[];
}

export function randomRuns(): fc.Arbitrary<RandomRun> {
  return fc
    .record({
      root: fc.letrec<{ region: Shape; state: Shape }>(shapes).region,
      edges: fc.array(edgeRecipe(), { minLength: 2, maxLength: 20, size: "max" }),
      contents: fc.array(fc.record({ at: fc.nat(), exit: fc.boolean() }), {
        maxLength: 2,
      }),
      events: fc.array(event(), { minLength: 1, maxLength: 7 }),
    })
    .map(({ root, edges, contents, events }) => {
      const all = planted(root);
      for (const recipe of edges) addEdge(recipe, all);
      for (const { at, exit } of contents) {
        const place = pick(
          at,
          all.filter(({ shape }) => shape.kind !== "history"),
        );
        if (place !== undefined) place[exit ? "exit" : "entry"] = [raise("C")];
      }
      return { machine: configOf(all, all[0]), events };
    });
}

type Kind = "atomic" | "final" | "history" | "compound" | "parallel";

interface Shape {
  readonly kind: Kind;
  readonly children: readonly Shape[];
  /** Of a history state: whether it is deep, and which of its possible default targets it has, if any. */
  readonly deep: boolean;
  readonly choice: number | null;
}

interface EdgeRecipe {
  readonly source: number;
  readonly event: string;
  readonly targets: readonly number[];
  readonly reenter: boolean;
  readonly guard: { readonly at: number; readonly not: boolean } | null;
  /** Raises the event that comes so many places later in the vocabulary, if there is one. */
  readonly raises: number;
}

/** A state that has its place in the tree, while transitions are added to it. */
interface Place {
  readonly shape: Shape;
  readonly order: number;
  readonly parent: Place | null;
  readonly path: readonly string[];
  readonly on: Map<string, TransitionConfig[]>;
  entry: readonly ActionConfig[];
  exit: readonly ActionConfig[];
}

/** Every event that a random chart may know. */
export const VOCABULARY = ["A", "B", "C"] as const;

const ALWAYS = "always";
const DONE = "done";

function event(): fc.Arbitrary<string> {
  return fc.constantFrom(...VOCABULARY);
}

function edgeRecipe(): fc.Arbitrary<EdgeRecipe> {
  return fc.record({
    source: fc.nat(),
    event: fc.constantFrom("A", "A", "B", "B", "C", ALWAYS, DONE),
    targets: fc.array(fc.nat(), { maxLength: 2 }),
    reenter: fc.boolean(),
    guard: onceIn(4, fc.record({ at: fc.nat(), not: fc.boolean() })),
    raises: fc.nat({ max: 5 }),
  });
}

function onceIn<T>(times: number, drawn: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof(
    { weight: times - 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: drawn },
  );
}

/** `region` has children, `state` need not. */
function shapes(tie: fc.LetrecTypedTie<{ region: Shape; state: Shape }>) {
  const leaf = (kind: Kind) =>
    fc.constant<Shape>({ kind, children: [], deep: false, choice: null });
  const history = fc.record({
    kind: fc.constant<Kind>("history"),
    children: fc.constant([]),
    deep: fc.boolean(),
    choice: fc.option(fc.nat(), { nil: null }),
  });
  const inner = (kind: Kind, child: fc.Arbitrary<Shape>, extra: fc.Arbitrary<Shape>) =>
    fc
      .tuple(
        fc.array(child, { minLength: kind === "parallel" ? 2 : 1, maxLength: 3 }),
        onceIn(2, extra),
        onceIn(3, history),
        fc.boolean(),
      )
      .map(([children, more, memory, first]): Shape => {
        const states = more === null ? children : [...children, more];
        const withMemory =
          memory === null ? states : first ? [memory, ...states] : [...states, memory];
        return { kind, children: withMemory, deep: false, choice: null };
      });
  const state = tie("state");
  const compound = inner("compound", state, leaf("final"));
  const parallel = inner("parallel", state, leaf("atomic"));
  return {
    region: fc.oneof({ weight: 2, arbitrary: compound }, { weight: 1, arbitrary: parallel }),
    state: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      { weight: 3, arbitrary: leaf("atomic") },
      { weight: 3, arbitrary: compound },
      { weight: 2, arbitrary: parallel },
    ),
  };
}

/** All states in document order; keys are named against the alphabet, so that no sorting passes for document order. */
function planted(root: Shape): Place[] {
  const all: Place[] = [];
  const plant = (shape: Shape, parent: Place | null, key: string): void => {
    const path = parent === null ? [] : [...parent.path, key];
    const place = { shape, order: all.length, parent, path, on: new Map(), entry: [], exit: [] };
    all.push(place);
    shape.children.forEach((child, index) => plant(child, place, "zyxwv".charAt(index)));
  };
  plant(root, null, "");
  return all;
}

function addEdge(recipe: EdgeRecipe, all: readonly Place[]): void {
  const source = pick(
    recipe.source,
    all.filter(({ shape }) => canLeave(shape, recipe.event)),
  );
  if (source === undefined) return;
  const targets: Place[] = [];
  // Eventless transitions lead on only, so that most charts come to rest.
  const within =
    recipe.event === ALWAYS ? all.filter((place) => isAfter(place, source)) : all.slice(1);
  for (const drawn of recipe.targets) {
    const target = pick(drawn, within);
    if (target !== undefined && targets.every((other) => canBeTogether(other, target)))
      targets.push(target);
  }
  // An eventless transition without a target would never come to rest, and SCXML forbids an empty one.
  if (recipe.event === ALWAYS && targets.length === 0) return;
  const guarded = pick(
    recipe.guard?.at ?? 0,
    all.filter(({ shape, order }) => order > 0 && shape.kind !== "history"),
  );
  // A chain of raised events ends with the vocabulary, so that most charts come to rest.
  const raised =
    recipe.raises === 0 ? undefined : VOCABULARY[indexIn(recipe.event) + recipe.raises];
  const edge: TransitionConfig = {
    ...(targets.length > 0 && { target: targets.map(({ order }) => `#n${order}`) }),
    ...(recipe.reenter && targets.length > 0 && { reenter: true }),
    ...(recipe.guard !== null &&
      guarded !== undefined && {
        guard: `= ${recipe.guard.not ? "!" : ""}inState("${guarded.path.join(".")}")`,
      }),
    ...(raised !== undefined && { actions: [raise(raised)] }),
  };
  source.on.set(recipe.event, [...(source.on.get(recipe.event) ?? []), edge]);
}

/** Eventless and done transitions may raise the last event only. */
function indexIn(event: string): number {
  const index = VOCABULARY.findIndex((name) => name === event);
  return index < 0 ? VOCABULARY.length - 2 : index;
}

function canLeave({ kind }: Shape, event: string): boolean {
  if (event === DONE) return kind === "compound" || kind === "parallel";
  return kind !== "final" && kind !== "history";
}

/** Their least common ancestor is parallel and neither of them, nor is one the history of all its regions. */
function canBeTogether(a: Place, b: Place): boolean {
  const line = lineOf(a);
  const meeting = lineOf(b).find((place) => line.includes(place));
  if (meeting?.shape.kind !== "parallel" || meeting === a || meeting === b) return false;
  return [a, b].every(({ shape, parent }) => shape.kind !== "history" || parent !== meeting);
}

function isAfter(place: Place, source: Place): boolean {
  return place.order > source.order && !lineOf(place).includes(source);
}

function lineOf(place: Place): readonly Place[] {
  return place.parent === null ? [place] : [place, ...lineOf(place.parent)];
}

function configOf(all: readonly Place[], place: Place | undefined): StateConfig {
  if (place === undefined) return {};
  const { shape, order, on, entry, exit } = place;
  const children = all.filter(({ parent }) => parent === place);
  const events = [...on].filter(([name]) => name !== ALWAYS && name !== DONE);
  const [always, onDone] = [on.get(ALWAYS), on.get(DONE)];
  const initial = children.find((child) => child.shape.kind !== "history")?.path.at(-1);
  return {
    id: `n${order}`,
    ...(shape.kind !== "atomic" && shape.kind !== "compound" && { type: shape.kind }),
    ...(shape.kind === "compound" && initial !== undefined && { initial }),
    ...(shape.kind === "history" && historyOf(place, all)),
    ...(events.length > 0 && { on: Object.fromEntries(events) }),
    ...(always !== undefined && { always }),
    ...(onDone !== undefined && { onDone }),
    ...(entry.length > 0 && { entry }),
    ...(exit.length > 0 && { exit }),
    ...(children.length > 0 && {
      states: Object.fromEntries(
        children.map((child) => [child.path.at(-1), configOf(all, child)]),
      ),
    }),
  };
}

/** SCXML 3.10: a shallow default is a child of the parent, a deep one is anything inside it. */
function historyOf({ shape, parent }: Place, all: readonly Place[]): Partial<StateConfig> {
  const { deep, choice } = shape;
  const possible = all.filter(
    (place) =>
      place.shape.kind !== "history" &&
      parent?.shape.kind === "compound" &&
      (deep ? place !== parent && lineOf(place).includes(parent) : place.parent === parent),
  );
  const target = choice === null ? undefined : pick(choice, possible);
  return {
    history: deep ? "deep" : "shallow",
    ...(target !== undefined && { target: `#n${target.order}` }),
  };
}

function raise(name: string): ActionConfig {
  return { type: "raise", params: { event: name } };
}

function pick<T>(drawn: number, from: readonly T[]): T | undefined {
  return from[drawn % from.length];
}
