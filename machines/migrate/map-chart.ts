/**
 * Where a chart's configuration stands in another version of the chart. Each active state goes where a rule says, or to the
 * state of the same name; what comes of it is one legal configuration, or the reason why it is none.
 */

import type { StoredChart } from "../chart/machine.ts";
import type { Chart, ChartState } from "../compile/executable.ts";
import { memberOf } from "../json.ts";
import type { StateValue } from "../order.ts";
import { StepFailure } from "../step/failure.ts";
import type { StateMoves } from "./migration.ts";

export interface MappedChart {
  readonly value: StateValue;
  /** Paths, the root's among them. */
  readonly active: ReadonlySet<string>;
  /** Those of the old chart. */
  readonly left: ReadonlySet<string>;
  readonly history: StoredChart["history"];
  /** By path of an active state of the new chart: the state that it goes on for. All others are entered anew. */
  readonly kept: ReadonlyMap<string, string>;
}

/**
 * @param whose for people: "the order", or an item
 * @throws {StepFailure} `migration-undecided` where a rule is missing, `migration-impossible` where none can help as it is
 */
export function mapChart(
  { from, to, whose }: { readonly from: Chart; readonly to: Chart; readonly whose: string },
  stored: StoredChart,
  moves: StateMoves,
): MappedChart {
  const before = activePaths(from.root, stored.value);
  checkConcern([...before, ...remembered(stored)], moves, whose);
  const places = before.filter((path) => isInnermost(from, path, before));
  const active = new Set([""]);
  for (const path of places) {
    for (const target of targetsOf(path, to, moves, whose)) {
      for (let at = to.states.get(target); at !== undefined; at = at.parent ?? undefined) {
        active.add(at.path);
      }
    }
  }
  const value = valueIn(to.root, active, whose);
  const kept = new Map<string, string>();
  for (const path of before) {
    const heir = heirOf(path, moves);
    const ends = ruleFor(path, moves)?.targets.length === 0;
    if (!ends && active.has(heir) && !kept.has(heir)) kept.set(heir, path);
  }
  const history = historyIn(to, stored.history, moves, whose);
  return { value, active, left: new Set(before), history, kept };
}

/** A move of a state that the order is not in would say something of the history that did not happen. */
function checkConcern(concerned: readonly string[], moves: StateMoves, whose: string): void {
  for (const path of Object.keys(moves)) {
    if (concerned.some((each) => isWithin(each, path))) continue;
    throw impossible(whose, `a rule for "${path}", in which it is not`);
  }
}

/** History states that remember anything, and what they remember. */
export function remembered({ history }: Pick<StoredChart, "history">): readonly string[] {
  return Object.entries(history).flatMap(([path, targets]) => [path, ...targets]);
}

/** Whether a state is another one, or inside it. Nothing names the root. */
export function isWithin(path: string, outer: string): boolean {
  return outer !== "" && (path === outer || path.startsWith(`${outer}.`));
}

/** Of a chart in a state value, in document order, the root first. */
export function activePaths(root: ChartState, value: StateValue): readonly string[] {
  const inner = typeof value === "string" ? { [value]: {} } : value;
  const children = root.children.flatMap((child) => {
    const below = memberOf(inner, child.key);
    return below === undefined ? [] : activePaths(child, below);
  });
  return [root.path, ...children];
}

function isInnermost(chart: Chart, path: string, active: readonly string[]): boolean {
  const state = chart.states.get(path);
  return state?.children.every((child) => !active.includes(child.path)) ?? true;
}

/** The innermost states that are entered for one that is left; none where a rule says that it ends. */
function targetsOf(path: string, to: Chart, moves: StateMoves, whose: string): readonly string[] {
  const rule = ruleFor(path, moves);
  if (rule?.at === path) {
    return rule.targets.flatMap((target) => entered(to, target, path, whose));
  }
  if (rule?.targets.length === 0) return [];
  const heir = heirOf(path, moves);
  const state = to.states.get(heir);
  if (state === undefined || state.kind === "history") {
    throw undecided(whose, `no state "${heir}" for "${path}"`);
  }
  if (state.children.some(({ kind }) => kind !== "history")) {
    throw undecided(whose, `states inside "${heir}", and none that goes on for "${path}"`);
  }
  return [heir];
}

/** A state that a rule names is entered as a transition enters its target: by its initial states, all regions of it. */
function entered(chart: Chart, path: string, left: string, whose: string): readonly string[] {
  const state = chart.states.get(path);
  if (state === undefined || state.kind === "history") {
    throw impossible(whose, `no state "${path}", which a rule names for "${left}"`);
  }
  const regions = state.children.filter(({ kind }) => kind !== "history");
  if (state.kind === "parallel") {
    return regions.flatMap((region) => entered(chart, region.path, left, whose));
  }
  return state.initial === null ? [path] : entered(chart, state.initial, left, whose);
}

/** The rule of the state itself, or of the nearest around it. */
function ruleFor(path: string, moves: StateMoves) {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const targets = memberOf(moves, at);
    if (targets !== undefined) return { at, targets };
  }
  return null;
}

/** The state that goes on for another: by its rule, the first that it names, else the namesake. */
function heirOf(path: string, moves: StateMoves): string {
  const { at, targets: [first] = [] } = ruleFor(path, moves) ?? { at: "" };
  return first === undefined ? path : first + path.slice(at.length);
}

/** Written as the chart's machine writes it. */
function valueIn(state: ChartState, active: ReadonlySet<string>, whose: string): StateValue {
  const inner = state.children.filter(({ kind }) => kind !== "history");
  const within = inner.filter(({ path }) => active.has(path));
  const missing = inner.find(({ path }) => !active.has(path));
  if (state.kind === "parallel" && missing !== undefined) {
    throw undecided(whose, `no state in the region "${missing.path}"`);
  }
  const [only, second] = within;
  if (state.kind !== "parallel" && only !== undefined && second !== undefined) {
    const places = `"${only.path}" and "${second.path}"`;
    throw impossible(whose, `${places}, in both of which it can't be at once`);
  }
  if (state.kind !== "parallel" && only !== undefined && only.children.length === 0) {
    return only.key;
  }
  return Object.fromEntries(within.map((child) => [child.key, valueIn(child, active, whose)]));
}

/** What a history state remembers goes with it; where there is no such state any more, nobody asks for it. */
function historyIn(
  to: Chart,
  history: StoredChart["history"],
  moves: StateMoves,
  whose: string,
): StoredChart["history"] {
  const mapped = Object.entries(history).flatMap(([path, left]) => {
    const heir = heirOf(path, moves);
    const state = to.states.get(heir);
    if (state?.kind !== "history") return [];
    const inside = state.parent === null || state.parent.path === "" ? "" : `${state.parent.path}.`;
    const lasting = left.filter((target) => ruleFor(target, moves)?.targets.length !== 0);
    const targets = lasting.map((target) => {
      const known = to.states.get(heirOf(target, moves));
      if (known !== undefined && known.kind !== "history" && known.path.startsWith(inside)) {
        return known.path;
      }
      throw undecided(whose, `no state for "${target}", to which "${path}" would come back`);
    });
    return targets.length === 0 ? [] : [[heir, targets] as const];
  });
  return Object.fromEntries(mapped);
}

export function undecided(whose: string, found: string): StepFailure {
  return new StepFailure(
    "migration-undecided",
    `Expected a place for every part of ${whose} in the other version, found ${found}: write a rule that says where it goes.`,
  );
}

export function impossible(whose: string, found: string): StepFailure {
  return new StepFailure(
    "migration-impossible",
    `Expected ${whose} to go on in the other version, found ${found}.`,
  );
}
