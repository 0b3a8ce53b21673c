/** Compiles a statechart's states: transitions by event, delays to timers, invocations to jobs. */

import type { InvokeConfig } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { ExpressionSite } from "../expression/compiler.ts";
import type { JsonSchema } from "../json.ts";
import { memberOf } from "../json.ts";
import { parseDelay } from "../time/delay.ts";
import { isProblem } from "../time/problem.ts";
import { compileActions } from "./actions.ts";
import { checkInvocations } from "./checks/invocations.ts";
import { checkFits, checkRequired, typeOf } from "./checks/fits.ts";
import { ADMIN } from "./checks/roles.ts";
import type { ChartState, CompiledDelay, Invocation, Transition } from "./executable.ts";
import type { Outline } from "./outline.ts";
import { resolveTarget } from "./outline.ts";
import { placed } from "./placed.ts";
import { listed } from "./report.ts";
import { compileTemplate } from "./template.ts";
import { compileTransitions } from "./transitions.ts";
import type { ChartSite, Workshop } from "./workshop.ts";
import { compileExpression } from "./workshop.ts";

export interface CompiledStates {
  readonly root: ChartState;
  readonly states: ReadonlyMap<string, ChartState>;
}

export function compileStates(workshop: Workshop, chart: ChartSite): CompiledStates {
  const states = new Map<string, ChartState>();
  const visit = (outline: Outline, parent: ChartState | null): ChartState => {
    const children: ChartState[] = [];
    const state = compileState(workshop, chart, outline, parent, children);
    states.set(outline.path, state);
    for (const child of outline.children) children.push(visit(child, state));
    return state;
  };
  const root = visit(chart.index.root, null);
  checkInvocations(
    [...states.values()].flatMap(({ invokes }) => invokes),
    workshop.reporter,
  );
  return { root, states };
}

function compileState(
  workshop: Workshop,
  chart: ChartSite,
  outline: Outline,
  parent: ChartState | null,
  children: readonly ChartState[],
): ChartState {
  const { config, path, key, kind, pointer } = outline;
  const quiet: ExpressionSite = { event: null, item: chart.collection };
  checkRole(workshop, outline);
  const delays = compileDelays(workshop, outline, quiet);
  const invokes = compileInvocations(workshop, outline, quiet);
  return {
    path,
    key,
    pointer,
    kind,
    parent,
    children,
    initial:
      kind === "compound" && config.initial !== undefined ? below(path, config.initial) : null,
    history: kind === "history" ? (config.history === "deep" ? "deep" : "shallow") : null,
    historyTarget: historyTarget(workshop, chart, outline),
    on: compileOn(workshop, chart, outline, quiet),
    always: compileTransitions(
      workshop,
      chart,
      outline,
      config.always,
      quiet,
      childOf(pointer, "always"),
    ),
    delays,
    invokes,
    entry: compileActions(workshop, chart, config.entry, quiet, childOf(pointer, "entry")),
    exit: compileActions(workshop, chart, config.exit, quiet, childOf(pointer, "exit")),
    tags: typeof config.tags === "string" ? [config.tags] : (config.tags ?? []),
    meta: config.meta ?? {},
  };
}

/** A task for a role that nobody has is shown to nobody. */
function checkRole({ document, reporter }: Workshop, { config, pointer }: Outline): void {
  const role = config.meta?.role;
  const { roles } = document;
  if (role === undefined || roles === undefined || role === ADMIN || roles.includes(role)) return;
  reporter.warning(
    "unknown-role",
    childOf(pointer, "meta", "role"),
    `Expected a role of the document, found "${role}".`,
    `The roles are ${listed(roles)}; add "${role}" to \`roles\` if it is one.`,
  );
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function historyTarget(workshop: Workshop, chart: ChartSite, outline: Outline): string | null {
  const { target } = outline.config;
  if (target === undefined) return null;
  const pointer = childOf(outline.pointer, "target");
  if (outline.kind !== "history") {
    workshop.reporter.error(
      "target-misplaced",
      pointer,
      "Expected `target` on a transition or a history state, found it on an ordinary state.",
      "For a transition that is taken at once, write `always: { target: ... }`.",
    );
    return null;
  }
  const found = resolveTarget(chart.index, outline, target, pointer, workshop.reporter);
  if (found === null) return null;
  // SCXML 3.10; a default elsewhere would enter states that were never left.
  if (found.kind === "history" || !found.path.startsWith(below(outline.parent?.path ?? "", ""))) {
    workshop.reporter.error(
      "history-target",
      pointer,
      `Expected an ordinary state inside the parent of the history state, found "${target}".`,
      "Name one of the states that the history could come back to.",
    );
    return null;
  }
  return found.path;
}

function compileOn(
  workshop: Workshop,
  chart: ChartSite,
  outline: Outline,
  quiet: ExpressionSite,
): ReadonlyMap<string, readonly Transition[]> {
  const { config, path, pointer } = outline;
  const on = new Map<string, readonly Transition[]>();
  for (const [event, transitions] of Object.entries(config.on ?? {})) {
    const payload = workshop.events.get(event)?.payload.schema ?? null;
    const site = { ...quiet, event: payload };
    on.set(
      event,
      compileTransitions(
        workshop,
        chart,
        outline,
        transitions,
        site,
        childOf(pointer, "on", event),
      ),
    );
  }
  for (const [after, transitions] of Object.entries(config.after ?? {})) {
    const at = childOf(pointer, "after", after);
    on.set(
      timerEvent(after, path),
      compileTransitions(workshop, chart, outline, transitions, quiet, at),
    );
  }
  if (config.onDone !== undefined) {
    const event = `xstate.done.state.${path === "" ? "chart" : `chart.${path}`}`;
    on.set(
      event,
      compileTransitions(
        workshop,
        chart,
        outline,
        config.onDone,
        quiet,
        childOf(pointer, "onDone"),
      ),
    );
  }
  for (const [invoke, at] of placed(config.invoke, childOf(pointer, "invoke"))) {
    const job = workshop.jobs.get(invoke.src);
    const id = invocationId(invoke, outline);
    const done = { ...quiet, event: outputEvent(job?.output.schema ?? true) };
    on.set(
      doneEvent(id),
      compileTransitions(workshop, chart, outline, invoke.onDone, done, childOf(at, "onDone")),
    );
    const failed = { ...quiet, event: ERROR_EVENT };
    on.set(
      errorEvent(id),
      compileTransitions(workshop, chart, outline, invoke.onError, failed, childOf(at, "onError")),
    );
  }
  return on;
}

function timerEvent(after: string, path: string): string {
  return `xstate.after.${after}.${path}`;
}

function doneEvent(id: string): string {
  return `xstate.done.actor.${id}`;
}

function errorEvent(id: string): string {
  return `xstate.error.actor.${id}`;
}

function outputEvent(output: JsonSchema): JsonSchema {
  return { type: "object", required: ["output"], properties: { output } };
}

const ERROR_EVENT: JsonSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message"],
      properties: { code: { type: "string" }, message: { type: "string" } },
    },
  },
};

function compileDelays(
  workshop: Workshop,
  outline: Outline,
  site: ExpressionSite,
): readonly CompiledDelay[] {
  return Object.keys(outline.config.after ?? {}).flatMap((after) => {
    const pointer = childOf(outline.pointer, "after", after);
    const delay = parseDelay(after);
    if (isProblem(delay)) {
      workshop.reporter.error(
        "bad-delay",
        pointer,
        `${delay.problem}.`,
        'Write an ISO 8601 duration such as PT15M, "working PT2H", or an expression that gives a duration or an instant such as "= slot.start".',
      );
      return [];
    }
    if (delay.kind === "working" && workshop.document.calendars === undefined) {
      workshop.reporter.error(
        "calendar-missing",
        pointer,
        "Expected a calendar for working time, found no `calendars` in the document.",
        "Declare `calendars: { default: { timeZone: ..., hours: {...} } }`.",
      );
    }
    const text = delay.kind === "expression" ? `= ${delay.source}` : null;
    const expression = text === null ? null : compileExpression(workshop, text, site, pointer);
    if (
      expression !== null &&
      !["string", "timestamp", "duration", "dyn"].includes(expression.resultType.kind)
    ) {
      workshop.reporter.error(
        "delay-type",
        pointer,
        `Expected a duration or an instant, found an expression that gives ${expression.type}.`,
        'Give `duration("PT2H")`, an ISO 8601 text, or an instant.',
      );
    }
    return [{ after, event: timerEvent(after, outline.path), pointer, delay, expression }];
  });
}

function compileInvocations(
  workshop: Workshop,
  outline: Outline,
  site: ExpressionSite,
): readonly Invocation[] {
  return placed(outline.config.invoke, childOf(outline.pointer, "invoke")).map(
    ([invoke, pointer]) => {
      const id = invocationId(invoke, outline);
      const at = childOf(pointer, "input");
      const input = compileTemplate(workshop, invoke.input ?? {}, site, at);
      const schema = memberOf(workshop.document.jobs, invoke.src)?.input;
      const name = `the input of ${invoke.src}`;
      checkFits(input, { name, type: typeOf(schema) }, at, workshop.reporter);
      checkRequired(input, name, schema ?? true, pointer, workshop.reporter);
      return {
        id,
        type: invoke.src,
        pointer,
        input,
        done: doneEvent(id),
        error: errorEvent(id),
      };
    },
  );
}

function invocationId(invoke: InvokeConfig, outline: Outline): string {
  return invoke.id ?? `${outline.path}.${invoke.src}`;
}
