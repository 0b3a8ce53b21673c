/** Refuses trees of states that no statechart can have: XState accepts several of them and misbehaves later. */

import type { Outline, OutlineIndex } from "../outline.ts";
import type { Reporter } from "../report.ts";
import { listed } from "../report.ts";

export function checkStructure(index: OutlineIndex, reporter: Reporter): void {
  checkAtOnce(index.root, reporter);
  for (const state of index.byPath.values()) {
    checks[state.kind](state, reporter);
    if (state.kind !== "compound" && state.config.initial !== undefined) {
      reporter.error(
        "initial-misplaced",
        `${state.pointer}/initial`,
        `Expected no initial state, found "${state.config.initial}": ${article(state.kind)} state has none.`,
        "Remove `initial`, or give the state inner states.",
      );
    }
  }
}

/**
 * XState compares every region that it enters with all that it entered before: the time grows with the cube.
 * 200 take a fifth of a second, 1,000 would hold the server for twenty.
 */
const MAX_AT_ONCE = 200;

/** @returns how many innermost states can be active at once; 1 where too many were reported */
function checkAtOnce(state: Outline, reporter: Reporter): number {
  const inner = state.children.map((child) => checkAtOnce(child, reporter));
  if (state.kind === "history") return 0;
  if (state.kind !== "parallel") return inner.reduce((most, count) => Math.max(most, count), 1);
  const atOnce = inner.reduce((sum, count) => sum + count, 0);
  if (atOnce <= MAX_AT_ONCE) return atOnce;
  reporter.error(
    "too-many-at-once",
    state.pointer,
    `Expected at most ${MAX_AT_ONCE} states that are active at once, found ${atOnce} in this parallel state.`,
    "Many things of one kind are items: declare them under `items` and open one for each.",
  );
  return 1;
}

const checks = {
  atomic: noChildren,
  final: (state, reporter) => {
    noChildren(state, reporter);
    for (const key of ["on", "always", "after", "invoke", "onDone"] as const) {
      if (state.config[key] === undefined) continue;
      reporter.error(
        "final-state-leaves",
        `${state.pointer}/${key}`,
        `Expected a final state to end its parent, found \`${key}\`.`,
        `Remove \`${key}\`, or make the state an ordinary one.`,
      );
    }
  },
  history: (state, reporter) => {
    noChildren(state, reporter);
    if (
      state.parent === null ||
      (state.parent.kind !== "compound" && state.parent.kind !== "parallel")
    ) {
      reporter.error(
        "history-misplaced",
        state.pointer,
        "Expected a history state inside the state whose past it keeps, found one without such a parent.",
        "Move it into the compound or parallel state that is left and come back to.",
      );
    }
    for (const key of ["on", "always", "after", "invoke", "entry", "exit"] as const) {
      if (state.config[key] === undefined) continue;
      reporter.error(
        "history-is-never-active",
        `${state.pointer}/${key}`,
        `Expected a history state to be passed through only, found \`${key}\`.`,
        `Move \`${key}\` to the states that it comes back to.`,
      );
    }
  },
  compound: (state, reporter) => {
    const inner = state.children.filter((child) => child.kind !== "history");
    if (inner.length === 0) return noInner(state, reporter);
    const names = listed(state.children.map((child) => child.key));
    const { initial } = state.config;
    if (initial === undefined) {
      reporter.error(
        "initial-missing",
        state.pointer,
        "Expected `initial`, found a state with inner states and none to start in.",
        `Add \`initial\`: one of ${names}.`,
      );
    } else if (!state.children.some((child) => child.key === initial)) {
      reporter.error(
        "initial-unknown",
        `${state.pointer}/initial`,
        `Expected an inner state, found "${initial}".`,
        `Write one of ${names}.`,
      );
    } else if (startsNowhere(state, initial)) {
      reporter.error(
        "initial-without-past",
        `${state.pointer}/initial`,
        `Expected a state to start in, found the history state "${initial}", which has no \`target\` for the first time.`,
        `Give "${initial}" a \`target\`, or start in an ordinary state.`,
      );
    }
  },
  parallel: (state, reporter) => {
    if (!state.children.some((child) => child.kind !== "history")) noInner(state, reporter);
  },
} satisfies Record<Outline["kind"], (state: Outline, reporter: Reporter) => void>;

/** A history without a default stands for the initial state of its parent: itself. */
function startsNowhere({ children }: Outline, initial: string): boolean {
  const first = children.find(({ key }) => key === initial);
  return first?.kind === "history" && first.config.target === undefined;
}

function noInner(state: Outline, reporter: Reporter): void {
  reporter.error(
    "no-inner-states",
    state.pointer,
    `Expected inner states, found none: ${article(state.kind)} state consists of them.`,
    "Add `states`, or remove `type`.",
  );
}

function noChildren(state: Outline, reporter: Reporter): void {
  if (state.children.length === 0) return;
  reporter.error(
    "inner-states-misplaced",
    `${state.pointer}/states`,
    `Expected no inner states, found ${listed(state.children.map((child) => child.key))}: ${article(state.kind)} state has none.`,
    "Remove `type` so that the state is a compound one, or move the inner states out.",
  );
}

function article(kind: Outline["kind"]): string {
  return kind === "atomic" ? "an atomic" : `a ${kind}`;
}
