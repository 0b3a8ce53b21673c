/** What may happen next: the events that this actor may send now, and those that the state knows but refuses, with the reason. */

import type { Conductor } from "../chart/moment.ts";
import type { Chart, EventSpec, Executable, Guard, Transition } from "../compile/executable.ts";
import { ExpressionFailure } from "../evaluation.ts";
import type { Expression, Scope } from "../evaluation.ts";
import type { Actor, BlockedEvent, Choices, EnabledEvent, Instant, Order } from "../order.ts";
import { conductorOf, passes } from "./conductor.ts";
import { knows } from "./deliver.ts";
import { StepFailure } from "./failure.ts";
import type { LiveItem, Run } from "./run.ts";
import { itemsIn, liveItem, restoredRun } from "./run.ts";
import { scopeOf } from "./scope.ts";
import { textOf, violated } from "./separation.ts";

/**
 * Judged without a payload: a guard that reads `event` can't be decided, so its event is enabled with `when`, unless
 * what it asks besides is false already.
 * @throws {StepFailure} `definition-mismatch` when the order isn't one of this executable
 */
export function choices(executable: Executable, order: Order, actor: Actor, now: Instant): Choices {
  const enabled: EnabledEvent[] = [];
  const blocked: BlockedEvent[] = [];
  if (order.snapshot.status === "done") return { enabled, blocked };
  const run = restoredRun(executable, order, actor, now, conductorOf);
  const conductor = conductorOf(run);
  for (const spec of executable.events.values()) {
    if (spec.by !== null && spec.by.length === 0) continue;
    for (const target of targetsOf(run, spec)) {
      const verdict = verdictOf(run, spec, target, conductor);
      if (verdict.kind === "unknown") continue;
      const named = {
        event: spec.type,
        ...(target === null ? {} : { item: target.id }),
        by: spec.by ?? executable.roles,
      };
      const refusal = verdict.kind === "blocked" ? verdict.refusal : refusalOf(run, order, spec);
      if (refusal !== null) blocked.push({ ...named, ...refusal });
      else if (verdict.kind === "enabled") enabled.push({ ...named, ...verdict.condition });
    }
  }
  return { enabled, blocked };
}

type Refusal = Pick<BlockedEvent, "refuses" | "because" | "pointer" | "words">;
/** What the payload has yet to decide; null: nothing. */
type Condition = Required<Pick<EnabledEvent, "when">> & Pick<EnabledEvent, "words">;

type Verdict =
  | { readonly kind: "unknown" }
  | { readonly kind: "enabled"; readonly condition: Condition | null }
  | { readonly kind: "blocked"; readonly refusal: Refusal };

const UNKNOWN: Verdict = { kind: "unknown" };
const ENABLED: Verdict = { kind: "enabled", condition: null };

function targetsOf(run: Run, spec: EventSpec): readonly (LiveItem | null)[] {
  return spec.item === null ? [null] : itemsIn(run, spec.item);
}

/** A role or a separation rule that refuses what the state would allow. */
function refusalOf(run: Run, order: Order, spec: EventSpec): Refusal | null {
  const { actor, executable } = run;
  if (spec.by !== null && !spec.by.includes(actor.role)) {
    return {
      refuses: "role",
      because: `role: only ${spec.by.join(", ")}`,
      pointer: `/events/${spec.type}/by`,
    };
  }
  const event = { type: spec.type, actor };
  const rule = violated(executable, order.snapshot.performers, event, run.inState);
  if (rule === null) return null;
  return { refuses: "separation", because: textOf(rule), pointer: rule.pointer };
}

function verdictOf(
  run: Run,
  spec: EventSpec,
  target: LiveItem | null,
  conductor: Conductor,
): Verdict {
  const orderChart = run.executable.order;
  if (target !== null) {
    const itemChart = run.executable.items.get(target.collection)?.chart;
    if (itemChart !== undefined && knows(itemChart, spec.type)) {
      const live = liveItem(run, target, conductor);
      if (live === null || live.status === "done") return UNKNOWN;
      return judge(itemChart, live.active, spec.type, scopeOf(run, {}, target, conductor));
    }
  }
  return judge(orderChart, run.order?.active ?? [], spec.type, scopeOf(run, {}, null, conductor));
}

/** SCXML's selection with three truth values: any region that would take the event enables it. */
function judge(chart: Chart, active: readonly string[], event: string, scope: Scope): Verdict {
  const verdicts: Verdict[] = [];
  for (const path of active) {
    const state = chart.states.get(path);
    if (state === undefined || state.children.length > 0) continue;
    for (let at: typeof state | null = state; at !== null; at = at.parent) {
      const verdict = judgeTransitions(at.on.get(event) ?? [], scope);
      verdicts.push(verdict);
      if (verdict.kind === "enabled" && verdict.condition === null) return verdict;
    }
  }
  return (
    verdicts.find(({ kind }) => kind === "enabled") ??
    verdicts.find(({ kind }) => kind === "blocked") ??
    UNKNOWN
  );
}

function judgeTransitions(transitions: readonly Transition[], scope: Scope): Verdict {
  const undecided: Guard[] = [];
  let blocked: Verdict = UNKNOWN;
  for (const { guard } of transitions) {
    if (guard === null) return ENABLED;
    const truth = truthOf(guard, scope);
    if (truth === true) return ENABLED;
    if (truth === null) undecided.push(guard);
    else if (blocked.kind === "unknown") blocked = { kind: "blocked", refusal: refusalBy(guard) };
  }
  if (undecided.length === 0) return blocked;
  return { kind: "enabled", condition: conditionOf(undecided) };
}

function refusalBy({ text, pointer, because }: Guard): Refusal {
  const words = because === null ? {} : { words: because };
  return { refuses: "guard", because: text, pointer, ...words };
}

/** Of several alternatives the first with words speaks: what refuses them all has to be said once. */
function conditionOf(undecided: readonly Guard[]): Condition {
  const when = undecided.map(({ text }) => text).join(" or ");
  const words = undecided.find(({ because }) => because !== null)?.because ?? null;
  return words === null ? { when } : { when, words };
}

/** Null when the guard needs the payload. A guard that fails now would refuse the event now. */
function truthOf(guard: Guard, scope: Scope): boolean | null {
  if (guard.expression.reads.has("event")) {
    return guard.beforehand.some((conjunct) => isFalse(conjunct, scope)) ? false : null;
  }
  try {
    return passes(guard, scope);
  } catch (error) {
    if (error instanceof ExpressionFailure || error instanceof StepFailure) return false;
    throw error;
  }
}

/** A conjunct that fails decides nothing: another one that is false would absorb the failure (CEL, "Logical Operators"). */
function isFalse(conjunct: Expression, scope: Scope): boolean {
  try {
    return conjunct.evaluate(scope) === false;
  } catch (error) {
    if (error instanceof ExpressionFailure) return false;
    throw error;
  }
}
