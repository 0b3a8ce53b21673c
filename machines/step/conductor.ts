/** Carries out what the charts of a run ask for: guards, assignments, effects, timers, jobs and events across charts. */

import type { Conductor, Deed, DeedResult, Moment } from "../chart/moment.ts";
import type { CompiledDelay, Guard } from "../compile/executable.ts";
import type { Scope } from "../evaluation.ts";
import { isJsonObject } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { Instant, Job, Timer } from "../order.ts";
import { calendarFor } from "../time/calendar.ts";
import { dueAt } from "../time/delay.ts";
import { isProblem } from "../time/problem.ts";
import { openItem } from "./open-item.ts";
import { StepFailure } from "./failure.ts";
import { messageValues } from "./messages.ts";
import { itemIn, itemsIn } from "./run.ts";
import type { LiveItem, Run } from "./run.ts";
import { scopeOf, viewOf } from "./scope.ts";

const NONE: DeedResult = { kind: "none" };

export function conductorOf(run: Run): Conductor {
  const conductor: Conductor = {
    passes: (guard, moment) => passes(guard, scopeAt(run, moment, conductor)),
    perform: (deed, moment) => perform(deed, run, moment, conductor),
  };
  return conductor;
}

/** @throws {StepFailure} when the guard gives something else than true or false */
export function passes(guard: Guard, scope: Scope): boolean {
  const result = guard.expression.evaluate(scope);
  if (typeof result === "boolean") return result;
  throw new StepFailure(
    "expression-failed",
    `Expected the guard to give true or false, found ${JSON.stringify(result)}.`,
    { because: guard.text, pointer: guard.pointer },
  );
}

function scopeAt(run: Run, moment: Moment, conductor: Conductor): Scope {
  const item = itemOf(run, moment);
  if (item === null) run.inState = moment.inState;
  return scopeOf(run, moment.event.payload, item, conductor);
}

function itemOf(run: Run, { context }: Moment): LiveItem | null {
  const { item } = context;
  if (item === null) return null;
  return itemIn(run, item.collection, item.id);
}

function perform(deed: Deed, run: Run, moment: Moment, conductor: Conductor): DeedResult {
  switch (deed.kind) {
    case "assign":
      return assign(deed, run, moment, conductor);
    case "raise":
      return raise(deed, run, moment, conductor);
    case "effect":
      return performEffect(deed, run, moment, conductor);
    case "open":
      return open(deed, run, moment, conductor);
    case "send":
      return send(deed, run, moment, conductor);
    case "mark":
      return mark(deed, run, moment);
    case "timer.set":
      return setTimer(deed, run, moment, conductor);
    case "timer.cancel":
      return cancelTimers(deed, run, moment);
    case "job.open":
      return openJob(deed, run, moment, conductor);
    case "job.close":
      return closeJobs(deed, run, moment);
    case "task.begin":
    default:
      return beginTask(deed, run, moment);
  }
}

type DeedOf<Kind extends Deed["kind"]> = Extract<Deed, { kind: Kind }>;

/** Upper bound of transitions that all charts of one step take together; each chart alone, and each event, has its own. */
const MAX_TAKEN = 10_000;

function mark({ pointer }: DeedOf<"mark">, run: Run, { event, context }: Moment): DeedResult {
  if (run.taken.length >= MAX_TAKEN) {
    throw new StepFailure(
      "step-unbounded",
      `Expected the step to come to rest, found more than ${MAX_TAKEN} transitions of the order and its items. Look for transitions without an event that go round in many items.`,
      { pointer },
    );
  }
  run.taken.push({ pointer, event: event.type, ...itemName(context.item) });
  return NONE;
}

function assign(
  deed: DeedOf<"assign">,
  run: Run,
  moment: Moment,
  conductor: Conductor,
): DeedResult {
  const scope = scopeAt(run, moment, conductor);
  const assigned = Object.fromEntries(
    deed.fields.map(([field, value]) => [field, value.evaluate(scope)]),
  );
  const item = itemOf(run, moment);
  const data = { ...moment.context.data, ...assigned };
  if (item === null) run.data = data;
  else {
    item.data = data;
    item.view = null;
  }
  return { kind: "data", data };
}

function raise(deed: DeedOf<"raise">, run: Run, moment: Moment, conductor: Conductor): DeedResult {
  const scope = scopeAt(run, moment, conductor);
  const event = { type: deed.event, payload: objectOf(deed, deed.payload?.evaluate(scope)) };
  if (deed.to === "self") return { kind: "raised", event };
  run.queue.push({ to: "order", event });
  return NONE;
}

function open(deed: DeedOf<"open">, run: Run, moment: Moment, conductor: Conductor): DeedResult {
  const scope = scopeAt(run, moment, conductor);
  const id = deed.id?.evaluate(scope) ?? null;
  openItem(run, deed.collection, deed.value.evaluate(scope), id, conductor);
  return NONE;
}

/** Who receives it is decided now, when it is sent; an item that has moved on by its turn ignores it. */
function send(deed: DeedOf<"send">, run: Run, moment: Moment, conductor: Conductor): DeedResult {
  const { collection } = deed;
  const scope = scopeAt(run, moment, conductor);
  const event = { type: deed.event, payload: objectOf(deed, deed.payload?.evaluate(scope)) };
  for (const item of itemsIn(run, collection)) {
    const where = deed.where?.evaluate({ ...scope, item: viewOf(run, item, conductor) }) ?? true;
    if (where === true) run.queue.push({ to: "item", collection, id: item.id, event });
  }
  return NONE;
}

function performEffect(
  deed: DeedOf<"effect">,
  run: Run,
  moment: Moment,
  conductor: Conductor,
): DeedResult {
  const scope = scopeAt(run, moment, conductor);
  const params = objectOf(deed, deed.params.evaluate(scope));
  const errors = run.executable.effects.get(deed.type)?.sealed(params) ?? [];
  if (errors.length > 0) {
    throw new StepFailure(
      "data-invalid",
      `Expected params that the effect "${deed.type}" declares; found others.`,
      { errors, pointer: deed.pointer },
    );
  }
  const { item } = moment.context;
  const values = messageValues(run.executable, item?.collection ?? null, params, scope);
  run.effects.push({
    type: deed.type,
    ...itemName(item),
    params,
    ...(values === null ? {} : { values }),
  });
  return NONE;
}

function setTimer(
  deed: DeedOf<"timer.set">,
  run: Run,
  moment: Moment,
  conductor: Conductor,
): DeedResult {
  const { state, delay } = deed;
  const due = dueInstant(delay, run, scopeAt(run, moment, conductor));
  const owner = itemName(moment.context.item);
  const timer: Timer = { id: nextName(run), ...owner, state, after: delay.after, dueAt: due };
  run.timers.push(timer);
  run.timersSet.push(timer.id);
  return NONE;
}

function cancelTimers(deed: DeedOf<"timer.cancel">, run: Run, moment: Moment): DeedResult {
  const owner = itemName(moment.context.item).item;
  const isIt = (timer: Timer): boolean =>
    timer.state === deed.state && timer.after === deed.delay.after && timer.item === owner;
  for (const timer of run.timers.filter(isIt)) cancelTimer(run, timer.id);
  return NONE;
}

function openJob(
  { state, invocation }: DeedOf<"job.open">,
  run: Run,
  moment: Moment,
  conductor: Conductor,
): DeedResult {
  const input = objectOf(invocation, invocation.input.evaluate(scopeAt(run, moment, conductor)));
  const errors = run.executable.jobs.get(invocation.type)?.input.sealed(input) ?? [];
  if (errors.length > 0) {
    throw new StepFailure(
      "data-invalid",
      `Expected input that the job "${invocation.type}" declares; found other.`,
      { errors, pointer: invocation.pointer },
    );
  }
  const job = {
    id: nextName(run),
    ...itemName(moment.context.item),
    state,
    invoke: invocation.id,
    type: invocation.type,
    input,
  };
  run.jobs.push(job);
  run.jobsOpened.push(job.id);
  return NONE;
}

function closeJobs(deed: DeedOf<"job.close">, run: Run, moment: Moment): DeedResult {
  const owner = itemName(moment.context.item).item;
  const isIt = (job: Job): boolean => job.invoke === deed.invocation.id && job.item === owner;
  for (const job of run.jobs.filter(isIt)) closeJob(run, job.id);
  return NONE;
}

function beginTask({ state }: DeedOf<"task.begin">, run: Run, { context }: Moment): DeedResult {
  run.begun.push({ ...itemName(context.item), state });
  return NONE;
}

/** A timer or job that was set in this very step leaves no trace: of several operations the last one counts. */
export function cancelTimer(run: Run, id: string): void {
  run.timers = run.timers.filter((timer) => timer.id !== id);
  if (!forgotten(run.timersSet, id)) run.timersCancelled.push(id);
}

export function closeJob(run: Run, id: string): void {
  run.jobs = run.jobs.filter((job) => job.id !== id);
  if (!forgotten(run.jobsOpened, id)) run.jobsClosed.push(id);
}

function forgotten(ids: string[], id: string): boolean {
  const at = ids.indexOf(id);
  if (at >= 0) ids.splice(at, 1);
  return at >= 0;
}

function dueInstant(compiled: CompiledDelay, run: Run, scope: Scope): Instant {
  const { delay, expression } = compiled;
  const calendar = calendarFor(run.executable.calendars, run.identity.centre);
  const due =
    delay.kind === "expression"
      ? dueAt(
          { kind: "evaluated", value: expression?.evaluate(scope) ?? null, working: delay.working },
          run.now,
          calendar,
        )
      : dueAt(delay, run.now, calendar);
  if (!isProblem(due)) return due;
  throw new StepFailure(
    "expression-failed",
    `The delay "${compiled.after}" has no end: ${due.problem}.`,
    {
      because: compiled.after,
      pointer: compiled.pointer,
    },
  );
}

/** Derived from the revision and the position in it: two replays of one step name alike. */
function nextName(run: Run): string {
  run.named += 1;
  return `${run.revision}.${run.named}`;
}

function itemName(item: { readonly collection: string; readonly id: string } | null): {
  item?: string;
} {
  return item === null ? {} : { item: `${item.collection}/${item.id}` };
}

function objectOf(place: { readonly pointer: string }, value: unknown): JsonObject {
  if (value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw new StepFailure(
    "expression-failed",
    `Expected an object, found ${JSON.stringify(value)}.`,
    {
      pointer: place.pointer,
    },
  );
}
