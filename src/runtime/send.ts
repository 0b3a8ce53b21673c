/** A caller's event moves an order, or is refused and nothing is written; a preview is the same without the writing. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Instant, OrderEvent, Rejected, RejectionCode } from "../../machines/order.ts";
import { explained } from "../design/explain.ts";
import type { Settled } from "../store/contracts/idempotency.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import { applyEvent, type Applied } from "./apply.ts";
import { actorsOf, onlyReads, reaches, scopeOf } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Library } from "./definitions.ts";
import type {
  Caller,
  CreateResult,
  EventRequest,
  MoveResult,
  OrderResult,
  WriteOptions,
} from "./engine.ts";
import type { Keyring } from "./keyring.ts";
import type { Random } from "./ports.ts";
import { whyRefused } from "./reasons.ts";
import { isSettled, keyOf, recordRefusal, settledAnswer, writtenAnswer } from "./recorded.ts";
import { orderNotFound, refused, refusedBy, type Refused } from "./refusal.ts";
import type { OpenDecision } from "./seals.ts";
import { sightAfter, sightOf } from "./sight.ts";
import { choicesFor, workOrder } from "./view.ts";
import type { Wake } from "./wake.ts";

export interface Sending {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
  readonly change: Change;
  readonly random: Random;
  readonly wake: Wake;
}

export interface SendRequest {
  readonly caller: Caller;
  readonly id: string;
  readonly event: EventRequest;
  readonly options: WriteOptions;
  /** False: a preview. */
  readonly write: boolean;
}

type Outcome =
  | { readonly kind: "refused"; readonly refusal: Refused; readonly on: On }
  | Settled
  | { readonly kind: "rejected"; readonly rejected: Rejected; readonly on: On }
  | { readonly kind: "applied"; readonly applied: Applied; readonly on: On };

/** What the decision was taken on. */
interface On {
  readonly current: StoredOrder;
  readonly executable: Executable;
  readonly now: Instant;
}

/** Refusals that another event, another person or another moment would not meet: these say what is possible instead. */
const ABOUT_THE_STATE: ReadonlySet<RejectionCode> = new Set([
  "event-not-enabled",
  "event-unknown",
  "role-not-allowed",
  "separation-violated",
  "invariant-violated",
]);

/** The order as it is answered after the event. */
export async function send(ports: Sending, request: SendRequest): Promise<OrderResult> {
  const { store, library } = ports;
  const { caller, id, options } = request;
  const outcome = await taken(ports, request);
  if (outcome.kind !== "applied") return outcome;
  const { current, executable } = outcome.on;
  const { order, write } = outcome.applied;
  const isIncident = request.write && current.status === "incident";
  if (isIncident && options.idempotency !== undefined) {
    return writtenAnswer(ports, caller, keyOf(caller, options.idempotency));
  }
  const again = isIncident ? await store.orders.get(id, scopeOf(caller)) : null;
  const sight =
    again === null
      ? await sightAfter(store, executable, current, order)
      : await sightOf(store, library, again);
  const vault = { ...ports, orderId: id, fresh: write.sealed };
  return { kind: "ok", order: await workOrder(sight, caller, vault) };
}

/** The same for those who only want to know that it moved: making the answer is much of what an event costs. */
export async function move(ports: Sending, request: SendRequest): Promise<MoveResult> {
  const outcome = await taken(ports, request);
  if (outcome.kind === "applied") return { kind: "ok", revision: outcome.applied.order.revision };
  if (outcome.kind === "refused") return outcome;
  return { kind: "ok", revision: outcome.order.revision, replayed: true };
}

type AppliedOutcome = Extract<Outcome, { kind: "applied" }>;

/** @returns what was recorded, when the request came before */
async function taken(
  ports: Sending,
  request: SendRequest,
): Promise<AppliedOutcome | Refused | CreateResult> {
  const { caller, id, options } = request;
  const { idempotency } = options;
  const key = idempotency && request.write ? keyOf(caller, idempotency) : undefined;
  const changed = await ports.change<Outcome>(
    id,
    (current, executable, now) => decide(ports, request, { current, executable, now }),
    key && { key, settled: (settled) => settled },
  );
  if (changed.kind === "absent") return recordRefusal(ports, caller, key, orderNotFound(id));
  const outcome = changed.result;
  if (isSettled(outcome)) return settledAnswer(ports, caller, outcome);
  const { current, now } = outcome.on;
  if (outcome.kind !== "applied") {
    const refusal =
      outcome.kind === "refused"
        ? outcome.refusal
        : await explainedRefusal(ports, request, outcome.on, outcome.rejected);
    const at = { orderId: id, revision: current.revision, now };
    return recordRefusal(ports, caller, key, refusal, at);
  }
  if (request.write) ports.wake(outcome.applied.write, outcome.applied.order.at, current.testClock);
  return outcome;
}

async function explainedRefusal(
  { store, library }: Sending,
  request: SendRequest,
  { current, executable, now }: On,
  rejected: Rejected,
): Promise<Refused> {
  if (!ABOUT_THE_STATE.has(rejected.code)) return refusedBy(rejected);
  const sight = await sightOf(store, library, current, now);
  const event = attempted(request, { current, executable, now });
  const why = explained(executable, sight.order, event, now, rejected);
  const words = whyRefused(executable, sight.order, event.type, why);
  const said = words === null ? {} : { words };
  return { ...refusedBy(why), ...said, ...choicesFor(sight, request.caller) };
}

function decide(
  { random }: Sending,
  { caller, event, options, write, id }: SendRequest,
  on: On,
): OpenDecision<Outcome> {
  const { current, executable, now } = on;
  const refusing = (refusal: Refused): OpenDecision<Outcome> => ({
    kind: "leave",
    result: { kind: "refused", refusal, on },
  });
  if (!reaches(caller, current.centre)) return refusing(orderNotFound(id));
  const { revision } = current;
  if (options.ifMatch !== undefined && !options.ifMatch.includes(revision)) {
    const detail = `Expected the order as the caller has seen it, found it at revision ${revision}: read it again, and decide again.`;
    return refusing(refused("revision-mismatch", detail, { currentRevision: revision }));
  }
  if (onlyReads(caller)) {
    const detail = `Expected a role that may send ${event.type}, found auditor alone, who reads.`;
    return refusing(refused("role-not-allowed", detail));
  }
  const spec = executable.events.get(event.type);
  if (spec === undefined) {
    // The engine's own events take no vocabulary; a caller's must be of the document.
    const rejected = unknownEvent(executable, event.type);
    return { kind: "leave", result: { kind: "rejected", rejected, on } };
  }
  const actors = actorsOf(caller, spec.by, current.centre);
  const applied = applyEvent(executable, current, now, { ...event, actors }, random);
  if (applied.kind === "rejected") {
    return { kind: "leave", result: { kind: "rejected", rejected: applied, on } };
  }
  const result: Outcome = { kind: "applied", applied, on };
  return write ? { kind: "write", write: applied.write, result } : { kind: "leave", result };
}

/** In the role whose refusal is answered. */
function attempted({ caller, event }: SendRequest, { current, executable }: On): OrderEvent {
  const by = executable.events.get(event.type)?.by ?? null;
  const [actor] = actorsOf(caller, by, current.centre);
  return { ...event, actor };
}

function unknownEvent({ process, version }: Executable, type: string): Rejected {
  return {
    kind: "rejected",
    code: "event-unknown",
    detail: `Expected an event of ${process} ${version}, found "${type}".`,
  };
}
