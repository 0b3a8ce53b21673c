/**
 * An order's course under another definition, led by what is recorded of it: persons' events and jobs' results come as they
 * came. A timer that the history has, too, fires when it fired there; any other at its own due instant.
 */

import type { Executable } from "../../../machines/compile/executable.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";
import type {
  Actor,
  Effect,
  Instant,
  Order,
  OrderEvent,
  Rejected,
  StepResult,
  Timer,
} from "../../../machines/order.ts";
import type { ValidationError } from "../../../machines/schema/compile-schema.ts";
import { start } from "../../../machines/step/start.ts";
import { step } from "../../../machines/step/step.ts";
import { explained } from "../../design/explain.ts";
import type { ExecutableOf, Replayed } from "../replay.ts";
import { isSameWait, jobLike, timerLike } from "./counterpart.ts";
import { restated, withoutDefaults, type Restated } from "./restated.ts";

export interface Refusal {
  /** Of the entry that it came to, or that a timer of its own would have come before. */
  readonly revision: number;
  readonly at: Instant;
  readonly event: string;
  readonly rejected: Rejected;
  /** As it stood when it refused; null: at the start. */
  readonly order: Order | null;
  /** False: a personal value that was not disclosed may be why. */
  readonly isDecided: boolean;
}

export interface Course {
  /** @param previous null: `next` is the start */
  readonly follow: (previous: Replayed | null, next: Replayed) => void;
  /** Null: it did not start. */
  readonly order: () => Order | null;
  readonly refusals: () => readonly Refusal[];
  readonly effects: () => readonly Effect[];
}

/** Upper bound of timers that fire between two entries: a definition whose timers set themselves is stopped here. */
const MAX_FIRED = 20_000;

interface Walk {
  readonly executable: Executable;
  readonly values: ReadonlyMap<string, Json>;
  readonly executableOf: ExecutableOf;
  readonly refusals: Refusal[];
  readonly effects: Effect[];
  /** Timers that could not fire are not tried again. */
  readonly stuck: Set<string>;
  order: Order | null;
}

export function createCourse(
  executable: Executable,
  values: ReadonlyMap<string, Json>,
  executableOf: ExecutableOf,
): Course {
  const walk: Walk = {
    ...{ executable, values, executableOf, order: null },
    ...{ refusals: [], effects: [], stuck: new Set<string>() },
  };
  return {
    follow: (previous, next) => {
      if (previous === null) return begin(walk, next);
      if (walk.order === null) return;
      fireOwn(walk, previous.order.snapshot.timers, next);
      hear(walk, previous.order, next);
    },
    order: () => walk.order,
    refusals: () => walk.refusals,
    effects: () => walk.effects,
  };
}

function begin(walk: Walk, { entry, order: told }: Replayed): void {
  const { executable, executableOf, values } = walk;
  const { type, payload, at, actor, digest } = entry;
  const recorded = executableOf(digest);
  const { data } = payload;
  const given = isJsonObject(data) ? data : {};
  const sent = recorded === null ? given : withoutDefaults(recorded, executable, given);
  const whole = { ...payload, data: executable.data.withDefaults(sent) };
  const again = restated(executable, null, { type, payload: whole }, values);
  const { data: sealed } = again.payload;
  const from = { identity: told.identity, data: isJsonObject(sealed) ? sealed : {}, actor };
  const tried =
    again.errors.length > 0 ? invalid("data-invalid", again.errors) : start(executable, from, at);
  take(walk, entry, tried, (pointer) => again.isWithheld(`/data${pointer}`));
}

/** Own timers that fell due before the entry, unless the history tells when they fired. */
function fireOwn(walk: Walk, told: readonly Timer[], { entry }: Replayed): void {
  for (let fired = 0; fired <= MAX_FIRED; fired += 1) {
    const { order } = walk;
    const timer = order === null ? null : firstOwn(walk, order, told, entry.at);
    if (order === null || timer === null) return;
    if (fired === MAX_FIRED) return refuse(walk, entry, "timer.fired", unbounded(timer), true);
    const at = timer.dueAt > order.at ? timer.dueAt : order.at;
    const event = engineEvent(order, "timer.fired", { timer: timer.id });
    const result = step(walk.executable, order, event, at);
    if (result.kind === "rejected") walk.stuck.add(timer.id);
    take(walk, { ...entry, type: "timer.fired" }, result, () => false);
  }
}

function firstOwn(
  { stuck }: Walk,
  { snapshot }: Order,
  told: readonly Timer[],
  until: Instant,
): Timer | null {
  let first: Timer | null = null;
  for (const timer of snapshot.timers) {
    if (timer.dueAt > until || stuck.has(timer.id)) continue;
    if (told.some((other) => isSameWait(other, timer))) continue;
    if (first === null || timer.dueAt < first.dueAt) first = timer;
  }
  return first;
}

/** @param told the recorded order, before the entry */
function hear(walk: Walk, told: Order, { entry }: Replayed): void {
  const { order, executable, values } = walk;
  if (order === null) return;
  const payload = ownPayload(order, told, entry);
  if (payload === null) return;
  const { type, at, actor } = entry;
  const again = restated(executable, order, { type, payload }, values);
  const event = { type, payload: again.payload, actor };
  const tried = step(executable, order, event, at > order.at ? at : order.at);
  const result = byValues(tried, again);
  const why = result.kind === "rejected" ? explained(executable, order, event, at, result) : result;
  take(walk, entry, why, again.isWithheld);
}

/**
 * The entry's payload, naming this order's own timer or job; null: there is none that it could be about, or the entry is
 * about the recorded order alone, such as its migration.
 */
function ownPayload(
  { snapshot }: Order,
  { snapshot: told }: Order,
  {
    type,
    payload,
    at,
  }: { readonly type: string; readonly payload: JsonObject; readonly at: Instant },
): JsonObject | null {
  // Names of a document's events hold no dot.
  if (!type.includes(".")) return payload;
  if (type === "timer.fired" || type === "timer.cancelled") {
    const meant = told.timers.find(({ id }) => id === payload["timer"]);
    const own = meant === undefined ? null : timerLike(snapshot.timers, meant);
    if (own === null || (type === "timer.fired" && own.dueAt > at)) return null;
    return { ...payload, timer: own.id };
  }
  if (type === "job.completed" || type === "job.failed") {
    const meant = told.jobs.find(({ id }) => id === payload["job"]);
    const own = meant === undefined ? null : jobLike(snapshot.jobs, meant);
    return own === null ? null : { ...payload, job: own.id };
  }
  return null;
}

/** Only values in clear can tell whether they are as their schema says: the step saw commitments. */
function byValues(tried: StepResult, { errors }: Restated): StepResult {
  if (errors.length === 0) return tried;
  if (tried.kind === "rejected" && tried.code !== "payload-invalid") return tried;
  return invalid("payload-invalid", errors);
}

interface Told {
  readonly revision: number;
  readonly at: Instant;
  readonly type: string;
}

function take(
  walk: Walk,
  entry: Told,
  result: StepResult,
  isWithheld: (pointer: string) => boolean,
): void {
  if (result.kind === "stepped") {
    walk.order = result.order;
    walk.effects.push(...result.effects);
    return;
  }
  const { errors = [] } = result;
  const isDecided = errors.length === 0 || errors.some(({ pointer }) => !isWithheld(pointer));
  refuse(walk, entry, entry.type, result, isDecided);
}

function refuse(
  walk: Walk,
  { revision, at }: Told,
  event: string,
  rejected: Rejected,
  isDecided: boolean,
): void {
  walk.refusals.push({ revision, at, event, rejected, order: walk.order, isDecided });
}

function engineEvent({ identity }: Order, type: string, payload: JsonObject): OrderEvent {
  const actor: Actor = { sub: "sevenstep", role: "system", centre: identity.centre };
  return { type, payload, actor };
}

function invalid(
  code: "payload-invalid" | "data-invalid",
  errors: readonly ValidationError[],
): Rejected {
  const detail = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("; ");
  return { kind: "rejected", code, detail, errors };
}

function unbounded({ after, state }: Timer): Rejected {
  return {
    kind: "rejected",
    code: "step-unbounded",
    detail: `Expected the order to come to its next event, found ${MAX_FIRED} timers fired before it, the last one "${after}" of "${state}".`,
  };
}
