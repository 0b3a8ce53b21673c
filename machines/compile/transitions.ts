/** Compiles the transitions of one state: their targets, guards and actions, each with the event that it can read. */

import type { TransitionConfig, Transitions } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { Expression } from "../evaluation.ts";
import type { CompiledExpression, ExpressionSite } from "../expression/compiler.ts";
import { conjunctsOf } from "../expression/conjuncts.ts";
import { compileActions } from "./actions.ts";
import { checkTruth } from "./checks/truth.ts";
import type { Guard, Transition } from "./executable.ts";
import type { Outline } from "./outline.ts";
import { resolveTarget } from "./outline.ts";
import { placed } from "./placed.ts";
import type { ChartSite, Workshop } from "./workshop.ts";
import { compileExpression } from "./workshop.ts";

export function compileTransitions(
  workshop: Workshop,
  chart: ChartSite,
  source: Outline,
  transitions: Transitions | undefined,
  site: ExpressionSite,
  pointer: string,
): readonly Transition[] {
  const candidates = placed(transitions, pointer);
  checkReached(workshop, candidates);
  return candidates.map(([transition, at]) => {
    const config: TransitionConfig =
      typeof transition === "string" ? { target: transition } : transition;
    const inner = typeof transition === "string" ? "" : "/target";
    return {
      pointer: at,
      targets: compileTargets(workshop, chart, source, config, `${at}${inner}`),
      guard: compileGuard(workshop, config, site, at),
      actions: compileActions(workshop, chart, config.actions, site, childOf(at, "actions")),
      reenter: config.reenter ?? false,
    };
  });
}

/** A list offers alternatives, the first that may be taken is; whoever thinks of BPMN's fork reads it as "both". */
function checkReached(
  workshop: Workshop,
  candidates: readonly (readonly [string | TransitionConfig, string])[],
): void {
  const certain = candidates.findIndex(
    ([transition]) => typeof transition === "string" || transition.guard === undefined,
  );
  const behind = certain < 0 ? undefined : candidates[certain + 1];
  if (behind === undefined) return;
  workshop.reporter.warning(
    "never-taken",
    behind[1],
    "Expected a transition that can be taken, found one behind a transition without a guard, which is always taken first.",
    "Give the one before it a guard, or remove this one. For several states at once write one transition: { target: [a, b] }.",
  );
}

function compileTargets(
  workshop: Workshop,
  chart: ChartSite,
  source: Outline,
  config: TransitionConfig,
  pointer: string,
): readonly string[] | null {
  if (config.target === undefined) return null;
  const targets = placed(config.target, pointer).flatMap(([target, at]) => {
    const found = resolveTarget(chart.index, source, target, at, workshop.reporter);
    return found === null ? [] : [found];
  });
  checkTogether(workshop, targets, pointer);
  return targets.map(({ path }) => path);
}

/** SCXML 3.13: the targets of one transition must be able to be active together. */
function checkTogether(workshop: Workshop, targets: readonly Outline[], pointer: string): void {
  for (const [index, first] of targets.entries()) {
    for (const second of targets.slice(index + 1)) {
      if (canBeTogether(first, second)) continue;
      workshop.reporter.error(
        "targets-exclude-each-other",
        pointer,
        `Expected targets in different regions of a parallel state, found "${first.path}" and "${second.path}", which are never active together.`,
        "Keep one of them, or make their common parent parallel.",
      );
    }
  }
}

function canBeTogether(first: Outline, second: Outline): boolean {
  const ancestors = new Set<Outline>();
  for (let at: Outline | null = first; at !== null; at = at.parent) ancestors.add(at);
  for (let at: Outline | null = second; at !== null; at = at.parent) {
    if (!ancestors.has(at)) continue;
    const meeting = at;
    if (meeting.kind !== "parallel" || meeting === first || meeting === second) return false;
    // Its own history stands for all regions of a parallel state, the other target's too.
    return ![first, second].some(({ kind, parent }) => kind === "history" && parent === meeting);
  }
  return false;
}

function compileGuard(
  workshop: Workshop,
  config: TransitionConfig,
  site: ExpressionSite,
  pointer: string,
): Guard | null {
  if (config.guard === undefined) return null;
  const at = childOf(pointer, "guard");
  const expression = compileExpression(workshop, config.guard, site, at);
  if (expression === null) return null;
  checkTruth(expression, "guard-type", "a guard", at, workshop.reporter);
  return {
    text: config.guard,
    pointer: at,
    expression,
    beforehand: beforehand(workshop, expression, site),
    because: config.meta?.because ?? null,
  };
}

/** The conjuncts of a guard on the payload that can be judged without one. */
function beforehand(
  workshop: Workshop,
  { reads, source }: CompiledExpression,
  site: ExpressionSite,
): readonly Expression[] {
  if (!reads.has("event")) return [];
  const at = workshop.expressions.at(site);
  return conjunctsOf(source).flatMap((conjunct) => {
    const compiled = at.compile(conjunct);
    if ("error" in compiled || compiled.expression.reads.has("event")) return [];
    return [compiled.expression];
  });
}
