/** The one path that changes an order, its deciding half: pure but for the salts; the store writes what it decides. */

import { entryLine, entryOf, hashLine, NO_LINE } from "../audit/entry.ts";
import { freeTexts } from "../audit/free-text.ts";
import { judgedPart, personalPlaces, type JudgedPart } from "../audit/personal-places.ts";
import { seal, SALT_BYTES, type Sealing } from "../audit/seal.ts";
import { snapshotOf } from "../audit/snapshot.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { JsonObject } from "../../machines/json.ts";
import type {
  Actor,
  Instant,
  Job,
  Order,
  OrderIdentity,
  Rejected,
  RejectionCode,
  StepResult,
  Stepped,
  Timer,
} from "../../machines/order.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import type { JobLease, NewJob } from "../store/contracts/jobs.ts";
import type { StoredOrder } from "../store/store.ts";
import { leavesTraces, storedJobType } from "./builtin-jobs.ts";
import { jobContract } from "./job-contract.ts";
import { taskChanges } from "./open-tasks.ts";
import type { Random } from "./ports.ts";
import { stepOf, tagsOf } from "./position.ts";
import type { OpenWrite } from "./seals.ts";

export interface Applied {
  readonly kind: "applied";
  readonly order: Order;
  readonly write: OpenWrite;
}

/** `actors`: who sends it, in each role to try; the first that is accepted counts, else the first refusal. */
export interface Attempt {
  readonly type: string;
  /** As it was sent, personal values in clear. */
  readonly payload: JsonObject;
  readonly actors: readonly [Actor, ...Actor[]];
  /** Of the worker that ends its job. */
  readonly lease?: JobLease;
}

export function applyEvent(
  executable: Executable,
  current: StoredOrder,
  now: Instant,
  attempt: Attempt,
  random: Random,
): Applied | Rejected {
  const before = orderOf(current);
  const { type, actors, lease } = attempt;
  const judged = judgedPart(executable, before, type, attempt.payload);
  const sealing = sealed(attempt.payload, judged, random, freeTexts(type, attempt.payload));
  const { value: payload } = sealing;
  const tried = firstAccepted(actors, (actor) =>
    step(executable, before, { type, payload, actor }, now),
  );
  const rejected = rejection(tried.result, judged, "payload-invalid");
  if (rejected !== null) return rejected;
  if (tried.result.kind === "rejected") return tried.result;
  const event = { type, payload, actor: tried.actor };
  const place = { prev: current.lastHash, before, event, sealing };
  const write = writeOf(executable, place, tried.result);
  return {
    kind: "applied",
    order: tried.result.order,
    write: lease === undefined ? write : { ...write, lease },
  };
}

/** `data`: as it was sent; the definition's defaults are filled in. */
export interface Beginning {
  readonly identity: OrderIdentity;
  readonly data: JsonObject;
  readonly actor: Actor;
  readonly testClock: string | null;
  /** Whose data it is, as the caller names it; absent: the order's own. It is personal itself. */
  readonly subject?: string;
}

/** The start is the first event of the history: `order.started`. */
export function applyStart(
  executable: Executable,
  now: Instant,
  { identity, data, actor, testClock, subject }: Beginning,
  random: Random,
): Applied | Rejected {
  const { process, version } = executable;
  const raw: JsonObject = {
    ...{ process, version, businessKey: identity.businessKey, centre: identity.centre },
    ...(testClock === null ? {} : { testClock }),
    ...(subject === undefined ? {} : { subject }),
    data: executable.data.withDefaults(data),
  };
  const type = "order.started";
  const judged = judgedPart(executable, null, type, raw);
  const sealing = sealed(raw, judged, random);
  const whole = judgedPart(executable, null, type, sealing.value)?.value ?? {};
  const result = start(executable, { identity, data: whole, actor }, now);
  const rejected = rejection(result, judged, "data-invalid");
  if (rejected !== null) return rejected;
  if (result.kind === "rejected") return result;
  const event = { type, payload: sealing.value, actor };
  const place = { prev: NO_LINE, before: null, event, sealing };
  return { kind: "applied", order: result.order, write: writeOf(executable, place, result) };
}

/** The order that a row of the store holds. */
export function orderOf(stored: StoredOrder): Order {
  const { id, businessKey, centre, digest, revision, at } = stored;
  return {
    identity: { id, businessKey, centre },
    digest,
    revision,
    at: formatInstant(at),
    snapshot: stored.snapshot.value(),
  };
}

function sealed(
  payload: JsonObject,
  judged: JudgedPart | null,
  random: Random,
  others: readonly string[] = [],
): Sealing {
  const places = personalPlaces(judged);
  const all = others.length === 0 ? places : [...places, ...others];
  return seal(payload, all, () => random(SALT_BYTES));
}

function firstAccepted(
  actors: readonly [Actor, ...Actor[]],
  attempt: (actor: Actor) => StepResult,
): { readonly actor: Actor; readonly result: StepResult } {
  const [first, ...others] = actors;
  const refusal = { actor: first, result: attempt(first) };
  if (refusal.result.kind === "stepped") return refusal;
  for (const actor of others) {
    const result = attempt(actor);
    if (result.kind === "stepped") return { actor, result };
  }
  return refusal;
}

/**
 * Only what was sent can tell whether a personal value is as its schema says: the step saw a commitment. What the step
 * asks before it looks at the payload (role, state) is refused first all the same.
 */
function rejection(
  result: StepResult,
  judged: JudgedPart | null,
  code: Extract<RejectionCode, "payload-invalid" | "data-invalid">,
): Rejected | null {
  if (judged === null || (result.kind === "rejected" && result.code !== code)) return null;
  const errors = judged.schemas.raw(judged.value).map(({ pointer, message }) => ({
    pointer: judged.pointer + pointer,
    message,
  }));
  if (errors.length === 0) return null;
  const count = errors.length === 1 ? "1 field is" : `${errors.length} fields are`;
  const detail = `Expected what the definition's schema allows; ${count} otherwise.`;
  return { kind: "rejected", code, detail, errors };
}

/** What is to be written, and what it follows. */
export interface Place {
  readonly prev: string;
  readonly before: Order | null;
  readonly event: { readonly type: string; readonly payload: JsonObject; readonly actor: Actor };
  readonly sealing: Sealing;
}

/** @param was the version that the order lived under before; absent: the same */
export function writeOf(
  executable: Executable,
  place: Place,
  stepped: Stepped,
  was = executable,
): OpenWrite {
  const { prev, before, event, sealing } = place;
  const { identity, digest, revision, at, snapshot } = stepped.order;
  const { value, status, outcome } = snapshot;
  const after = snapshotOf(snapshot);
  const happened = { prev, before, event, sealed: sealing.sealed, stepped, snapshot: after };
  const line = entryLine(entryOf(happened));
  const { process, version } = executable;
  // What is pending is what the snapshot says, so the rows follow from the two snapshots.
  const timers = difference(before?.snapshot.timers ?? [], snapshot.timers);
  const jobs = difference(before?.snapshot.jobs ?? [], snapshot.jobs);
  return {
    order: {
      ...{ process, version, digest, businessKey: identity.businessKey, centre: identity.centre },
      ...{ status, outcome, step: stepOf(executable.order, value) },
      tags: tagsOf(executable.order, value),
      snapshot: after,
    },
    entry: { revision, at: epochMs(at), type: event.type, line, hash: hashLine(line) },
    sealed: sealing.rows,
    timers: {
      set: timers.added.map(({ id, dueAt }) => ({ id, dueAt: epochMs(dueAt) })),
      cancelled: timers.gone,
    },
    jobs: {
      opened: jobs.added.map((job) => newJob(executable, job)),
      closed: jobs.gone,
      undone: undoneBy(was, event, before?.snapshot.jobs ?? [], jobs.gone),
    },
    tasks: taskChanges(executable, before?.snapshot ?? null, stepped, was),
    outbox: stepped.effects.map(({ type, item, params, values }) => ({
      ...{ type, item: item ?? null, params, values: values ?? null },
    })),
  };
}

function newJob(executable: Executable, { id, type, item, input }: Job): NewJob {
  const { roles, retries } = jobContract(executable, type);
  const stored = storedJobType(executable, type);
  return { id, type: stored, item: item ?? null, input, roles, retries };
}

/** Jobs with something to undo that are gone without their result: withdrawn, or failed. */
function undoneBy(
  executable: Executable,
  { type, payload }: Place["event"],
  before: readonly Job[],
  gone: readonly string[],
): readonly string[] {
  const completed = type === "job.completed" ? payload["job"] : null;
  return before
    .filter(({ id }) => gone.includes(id) && id !== completed)
    .filter((job) => leavesTraces(storedJobType(executable, job.type)))
    .map(({ id }) => id);
}

function difference<Pending extends Timer | Job>(
  before: readonly Pending[],
  after: readonly Pending[],
): { readonly added: readonly Pending[]; readonly gone: readonly string[] } {
  if (before.length === 0 && after.length === 0) return { added: [], gone: [] };
  const idsBefore = new Set(before.map(({ id }) => id));
  const idsAfter = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !idsBefore.has(id)),
    gone: before.map(({ id }) => id).filter((id) => !idsAfter.has(id)),
  };
}
