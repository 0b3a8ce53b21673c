/** One order on a virtual clock, in memory: its events, its jobs, and its timers, each fired at its due instant. */

import type { Executable } from "../../machines/compile/executable.ts";
import { childOf } from "../../machines/document/pointer.ts";
import type { JsonObject } from "../../machines/json.ts";
import type {
  Actor,
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
export interface Breach {
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

export interface JobEnd {
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

export function createSandbox(
  executable: Executable,
  vault: Vault,
  startsAt: Instant,
  watch: Watch,
): Sandbox {
  const { executable: watched, saw } = watch;
  let order: Order | null = null;
  /** The order's text, as it was last stored. */
  let text = JSON.stringify(order);
  let now = startsAt;
  const refusedTimers = new Set<string>();

  const take = (event: OrderEvent | null, compute: () => StepResult): Turn => {
    const before = order;
    const result = compute();
    saw(before, event, result);
    const breaches: Breach[] = [];
    if (JSON.stringify(before) !== text) breaches.push({ kind: "mutated", pointer: "" });
    if (result.kind === "rejected") return { stepped: [], rejected: result, breaches };
    const loss = firstLoss(result.order);
    if (loss !== null) breaches.push({ kind: "lossy", pointer: loss });
    // What is stored is text: the next step gets what a server would read.
    text = JSON.stringify(result.order);
    const read: Order = JSON.parse(text);
    order = read;
    return { stepped: [result], rejected: null, breaches };
  };

  const started = (): Order => {
    if (order === null) throw new RangeError("The order must be started first.");
    return order;
  };

  const apply = (event: OrderEvent): Turn => {
    const current = started();
    const turn = take(event, () => step(watched, current, event, now));
    if (turn.rejected === null) return turn;
    return { ...turn, rejected: explained(executable, current, event, now, turn.rejected) };
  };

  /** Judged raw, as the server does, after what the step asks before it looks at a payload. */
  const applyRaw = (event: OrderEvent, errors: readonly ValidationError[]): Turn => {
    if (errors.length === 0) return apply(event);
    const first = step(executable, started(), event, now);
    const prior = first.kind === "rejected" && BEFORE_PAYLOAD.has(first.code);
    return refused(prior ? first : invalid("payload-invalid", errors));
  };

  const engine = (): Actor => ({
    sub: "sevenstep",
    role: "system",
    centre: order?.identity.centre ?? null,
  });

  return {
    order: () => order,
    now: () => now,
    stuck: () => refusedTimers.size > 0,
    start: (identity, data, actor) => {
      const whole = executable.data.withDefaults(data);
      const errors = executable.data.raw(whole);
      if (errors.length > 0) return refused(invalid("data-invalid", errors));
      const sealed = vault.seal(whole, executable.data.personal(whole));
      return take(null, () => start(watched, { identity, data: sealed, actor }, now));
    },
    send: (type, payload, actor) => {
      const schemas = executable.events.get(type)?.payload;
      if (schemas === undefined) return apply({ type, payload, actor });
      const sealed = vault.seal(payload, schemas.personal(payload));
      return applyRaw({ type, payload: sealed, actor }, schemas.raw(payload));
    },
    endJob: ({ type, item, end }) => {
      const job = order?.snapshot.jobs.find(
        (open) => open.type === type && (item === null || open.item === item),
      );
      // No such job: the step is asked all the same, and refuses.
      const id = job?.id ?? type;
      if ("error" in end) {
        return apply({
          type: "job.failed",
          payload: { job: id, error: end.error },
          actor: engine(),
        });
      }
      const schemas = executable.jobs.get(type)?.output;
      const output =
        schemas === undefined ? end.output : vault.seal(end.output, schemas.personal(end.output));
      const errors = (schemas?.raw(end.output) ?? []).map((error) => ({
        ...error,
        pointer: childOf("/output") + error.pointer,
      }));
      return applyRaw(
        { type: "job.completed", payload: { job: id, output }, actor: engine() },
        errors,
      );
    },
    moveTo: (to) => {
      const turns: Turn[] = [];
      for (;;) {
        const timer = firstDue(order?.snapshot.timers ?? [], to, refusedTimers);
        if (timer === null) break;
        if (turns.length >= MAX_FIRED) return merged([...turns, refused(unbounded(timer))]);
        if (timer.dueAt > now) now = timer.dueAt;
        const turn = apply({ type: "timer.fired", payload: { timer: timer.id }, actor: engine() });
        if (turn.rejected !== null) refusedTimers.add(timer.id);
        turns.push(turn);
      }
      if (to > now) now = to;
      return merged(turns);
    },
  };
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
