/** One order on a virtual clock, in memory: its events, its jobs, and its timers, each fired at its due instant. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { JsonObject } from "../../machines/json.ts";
import type {
  Actor,
  EngineEventType,
  Instant,
  Order,
  OrderEvent,
  OrderIdentity,
  Rejected,
  RejectionCode,
  StepResult,
  Stepped,
  Timer,
} from "../../machines/order.ts";
import type { ValidationError } from "../../machines/schema/compile-schema.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import { explained } from "./explain.ts";
import { firstLoss } from "./json-faith.ts";
import type { Vault } from "./vault.ts";

/** What came of one request to the sandbox. */
export interface Turn {
  /** Accepted events, in order: timers that fell due, then the event itself. */
  readonly stepped: readonly Stepped[];
  /** The first refusal; a refused timer stays pending and is not tried again. */
  readonly rejected: Rejected | null;
  /** Promises of the pure core that it broke: always empty, or the engine has a defect. */
  readonly breaches: readonly Breach[];
}

/** `lossy`: JSON text loses a part of the order. `mutated`: the step changed the order that it was given. */
interface Breach {
  readonly kind: "lossy" | "mutated";
  /** JSON Pointer into the order. */
  readonly pointer: string;
}

export interface Sandbox {
  /** Null until the order was started. */
  readonly order: () => Order | null;
  readonly now: () => Instant;
  /** True once a timer could not be applied. */
  readonly stuck: () => boolean;
  readonly start: (identity: OrderIdentity, data: JsonObject, actor: Actor) => Turn;
  readonly send: (type: string, payload: JsonObject, actor: Actor) => Turn;
  /** Ends the oldest open job of this type, of any item unless one is named. */
  readonly endJob: (job: JobEnd) => Turn;
  /** Moves the clock on, never back, and fires what falls due until then, at `to` itself included. */
  readonly moveTo: (to: Instant) => Turn;
}

interface JobEnd {
  readonly type: string;
  readonly item: string | null;
  readonly end:
    | { readonly output: JsonObject }
    | { readonly error: { readonly code: string; readonly message: string } };
}

/** How a sandbox is watched. */
export interface Watch {
  /** What steps: the executable itself, or one that behaves as it does and counts. */
  readonly executable: Executable;
  /** Is told of every step that was tried. `event` null: the order's start. */
  readonly saw: (before: Order | null, event: OrderEvent | null, result: StepResult) => void;
}

/** Upper bound of timers fired by one move of the clock: a document whose timers set themselves is stopped here. */
const MAX_FIRED = 20_000;

const BEFORE_PAYLOAD: ReadonlySet<RejectionCode> = new Set([
  "order-closed",
  "event-unknown",
  "role-not-allowed",
  "job-unknown",
]);

interface World {
  readonly executable: Executable;
  readonly vault: Vault;
  readonly watch: Watch;
  readonly refusedTimers: Set<string>;
  order: Order | null;
  /** The order's JSON text, as it was when the order was made. */
  text: string;
  now: Instant;
}

export function createSandbox(
  executable: Executable,
  vault: Vault,
  startsAt: Instant,
  watch: Watch,
): Sandbox {
  const world: World = {
    executable,
    vault,
    watch,
    refusedTimers: new Set(),
    order: null,
    text: "null",
    now: startsAt,
  };
  return {
    order: () => world.order,
    now: () => world.now,
    stuck: () => world.refusedTimers.size > 0,
    start: (identity, data, actor) => begin(world, identity, data, actor),
    send: (type, payload, actor) => send(world, { type, payload, actor }),
    endJob: (job) => endJob(world, job),
    moveTo: (to) => moveTo(world, to),
  };
}

function begin(world: World, identity: OrderIdentity, data: JsonObject, actor: Actor): Turn {
  const { executable, vault, watch } = world;
  const whole = executable.data.withDefaults(data);
  const errors = executable.data.raw(whole);
  if (errors.length > 0) return refused(invalid("data-invalid", errors));
  const sealed = vault.seal(whole, executable.data.personal(whole));
  const from = { identity, data: sealed, actor };
  return take(world, null, () => start(watch.executable, from, world.now));
}

function send(world: World, { type, payload, actor }: OrderEvent): Turn {
  const schemas = world.executable.events.get(type)?.payload;
  if (schemas === undefined) return apply(world, { type, payload, actor });
  const sealed = world.vault.seal(payload, schemas.personal(payload));
  return applyRaw(world, { type, payload: sealed, actor }, schemas.raw(payload));
}

function endJob(world: World, { type, item, end }: JobEnd): Turn {
  const job = world.order?.snapshot.jobs.find(
    (open) => open.type === type && (item === null || open.item === item),
  );
  // No such job: the step is asked all the same, and refuses.
  const id = job?.id ?? type;
  if ("error" in end) return apply(world, engineEvent(world, "job.failed", { job: id, ...end }));
  const schemas = world.executable.jobs.get(type)?.output;
  const output =
    schemas === undefined ? end.output : world.vault.seal(end.output, schemas.personal(end.output));
  const errors = (schemas?.raw(end.output) ?? []).map(({ pointer, message }) => ({
    pointer: `/output${pointer}`,
    message,
  }));
  return applyRaw(world, engineEvent(world, "job.completed", { job: id, output }), errors);
}

function moveTo(world: World, to: Instant): Turn {
  const turns: Turn[] = [];
  for (;;) {
    const timer = firstDue(world.order?.snapshot.timers ?? [], to, world.refusedTimers);
    if (timer === null) break;
    if (turns.length >= MAX_FIRED) return merged([...turns, refused(unbounded(timer))]);
    if (timer.dueAt > world.now) world.now = timer.dueAt;
    const turn = apply(world, engineEvent(world, "timer.fired", { timer: timer.id }));
    if (turn.rejected !== null) world.refusedTimers.add(timer.id);
    turns.push(turn);
  }
  if (to > world.now) world.now = to;
  return merged(turns);
}

function engineEvent({ order }: World, type: EngineEventType, payload: JsonObject): OrderEvent {
  const centre = order?.identity.centre ?? null;
  return { type, payload, actor: { sub: "sevenstep", role: "system", centre } };
}

/** Judged raw, as the server does, after what the step asks before it looks at a payload. */
function applyRaw(world: World, event: OrderEvent, errors: readonly ValidationError[]): Turn {
  if (errors.length === 0) return apply(world, event);
  const first = step(world.executable, started(world), event, world.now);
  const prior = first.kind === "rejected" && BEFORE_PAYLOAD.has(first.code);
  return refused(prior ? first : invalid("payload-invalid", errors));
}

function apply(world: World, event: OrderEvent): Turn {
  const { executable, watch, now } = world;
  const current = started(world);
  const turn = take(world, event, () => step(watch.executable, current, event, now));
  if (turn.rejected === null) return turn;
  return { ...turn, rejected: explained(executable, current, event, now, turn.rejected) };
}

function started({ order }: World): Order {
  if (order === null) throw new RangeError("The order must be started first.");
  return order;
}

/** Tries a step, holds the core to its promises, and keeps what it gives. */
function take(world: World, event: OrderEvent | null, tried: () => StepResult): Turn {
  const before = world.order;
  const result = tried();
  world.watch.saw(before, event, result);
  const breaches: Breach[] = [];
  if (JSON.stringify(before) !== world.text) breaches.push({ kind: "mutated", pointer: "" });
  if (result.kind === "rejected") return { stepped: [], rejected: result, breaches };
  const loss = firstLoss(result.order);
  if (loss !== null) breaches.push({ kind: "lossy", pointer: loss });
  world.order = result.order;
  world.text = JSON.stringify(result.order);
  return { stepped: [result], rejected: null, breaches };
}

/** Of the timers due first, the one that was set first. */
function firstDue(
  timers: readonly Timer[],
  until: Instant,
  except: ReadonlySet<string>,
): Timer | null {
  let first: Timer | null = null;
  for (const timer of timers) {
    if (timer.dueAt > until || except.has(timer.id)) continue;
    if (first === null || timer.dueAt < first.dueAt) first = timer;
  }
  return first;
}

export function merged(turns: readonly Turn[]): Turn {
  return {
    stepped: turns.flatMap((turn) => turn.stepped),
    rejected: turns.find((turn) => turn.rejected !== null)?.rejected ?? null,
    breaches: turns.flatMap((turn) => turn.breaches),
  };
}

function refused(rejected: Rejected): Turn {
  return { stepped: [], rejected, breaches: [] };
}

function unbounded(timer: Timer): Rejected {
  return {
    kind: "rejected",
    code: "step-unbounded",
    detail: `Expected the clock to come to its instant, found ${MAX_FIRED} timers fired on the way, the last one "${timer.after}" of "${timer.state}".`,
  };
}

function invalid(
  code: "payload-invalid" | "data-invalid",
  errors: readonly ValidationError[],
): Rejected {
  const shown = errors.map(
    ({ pointer, message }) => `${pointer === "" ? "/" : pointer}: ${message}`,
  );
  return { kind: "rejected", code, detail: shown.join("; "), errors };
}
