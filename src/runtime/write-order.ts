/** How a caller's write on one order is decided and answered when it is no event of the document: ends of jobs, incidents. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Instant } from "../../machines/order.ts";
import type { Settled } from "../store/contracts/idempotency.ts";
import { IncidentClosed, LeaseLost } from "../store/errors.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import type { Applied } from "./apply.ts";
import { reaches, scopeOf } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Library } from "./definitions.ts";
import type { Caller, OrderResult, WriteOptions } from "./engine.ts";
import type { Keyring } from "./keyring.ts";
import { isSettled, keyOf, recordRefusal, settledAnswer, writtenAnswer } from "./recorded.ts";
import { refused, revisionMismatch, type Refused } from "./refusal.ts";
import type { OpenDecision } from "./seals.ts";
import { sightAfter, sightOf } from "./sight.ts";
import { workOrder } from "./view.ts";
import type { Wake } from "./wake.ts";

export interface OrderWriting {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
  readonly change: Change;
  readonly wake: Wake;
}

/** What a decision is taken on. */
export interface On {
  readonly current: StoredOrder;
  readonly executable: Executable;
  readonly now: Instant;
}

/** `aside`: something of the order's work changed, without an entry. `asked`: what to answer takes a look at the store. */
export type Verdict =
  | { readonly kind: "refused"; readonly refusal: Refused }
  | { readonly kind: "asked"; readonly ask: () => Promise<OrderResult> }
  /** `executable`: of the version that the order lives under afterwards; absent: the same as before. */
  | { readonly kind: "applied"; readonly applied: Applied; readonly executable?: Executable }
  | { readonly kind: "aside" };

export interface WriteRequest {
  readonly caller: Caller;
  readonly orderId: string;
  readonly options: WriteOptions;
  /** What is answered when there is no such order, or none that the caller reaches. */
  readonly absent: Refused;
}

type Outcome = (Verdict & { readonly on: On }) | Settled;

/** @param decide see `Decide` of the store; the order is reached, and `If-Match` met */
export async function writeOrder(
  ports: OrderWriting,
  { caller, orderId, options, absent }: WriteRequest,
  decide: (on: On) => OpenDecision<Verdict>,
): Promise<OrderResult> {
  const { idempotency, ifMatch } = options;
  const key = idempotency && keyOf(caller, idempotency);
  const refuse = (refusal: Refused, on?: On): Promise<OrderResult> => {
    const at = on && { orderId, revision: on.current.revision, now: on.now };
    return recordRefusal(ports, caller, key, refusal, at ?? null);
  };
  const outcome = await decided(ports, { orderId, key }, (on) => {
    if (!reaches(caller, on.current.centre)) return refusing(absent);
    if (ifMatch !== undefined && !ifMatch.includes(on.current.revision)) {
      return refusing(revisionMismatch(on.current.revision));
    }
    return decide(on);
  });
  if (outcome === null) return refuse(absent);
  if (outcome.kind === "refused") {
    return refuse(outcome.refusal, "on" in outcome ? outcome.on : undefined);
  }
  if (isSettled(outcome)) return settledAnswer(ports, caller, outcome);
  if (outcome.kind === "asked") {
    const answer = await outcome.ask();
    return answer.kind === "refused" ? refuse(answer, outcome.on) : answer;
  }
  const { current } = outcome.on;
  if (outcome.kind === "applied") {
    const { order, write } = outcome.applied;
    const { executable = outcome.on.executable } = outcome;
    ports.wake(write, order.at, current.testClock);
    if (current.status !== "incident") {
      const sight = await sightAfter(ports.store, executable, current, order);
      const vault = { ...ports, orderId, fresh: write.sealed };
      return { kind: "ok", order: await workOrder(sight, caller, vault) };
    }
  }
  if (key !== undefined) return writtenAnswer(ports, caller, key);
  return answerNow(ports, caller, orderId, absent);
}

export function refusing(refusal: Refused): OpenDecision<Verdict> {
  return { kind: "leave", result: { kind: "refused", refusal } };
}

/** The order as it stands, to a caller who reaches it. */
export async function answerNow(
  { store, library, keyring }: Pick<OrderWriting, "store" | "library" | "keyring">,
  caller: Caller,
  orderId: string,
  absent: Refused,
): Promise<OrderResult> {
  const stored = await store.orders.get(orderId, scopeOf(caller));
  if (stored === null) return absent;
  const sight = await sightOf(store, library, stored);
  const vault = { store, keyring, orderId, fresh: [] };
  return { kind: "ok", order: await workOrder(sight, caller, vault) };
}

/** @returns null when there is no such order */
async function decided(
  { change }: OrderWriting,
  {
    orderId,
    key,
  }: { readonly orderId: string; readonly key: ReturnType<typeof keyOf> | undefined },
  decide: (on: On) => OpenDecision<Verdict>,
): Promise<Outcome | { readonly kind: "refused"; readonly refusal: Refused } | null> {
  try {
    const changed = await change<Outcome>(
      orderId,
      (current, executable, now) => {
        const on = { current, executable, now };
        const decision = decide(on);
        return { ...decision, result: { ...decision.result, on } };
      },
      key && { key, settled: (settled) => settled },
    );
    return changed.kind === "absent" ? null : changed.result;
  } catch (error) {
    if (error instanceof LeaseLost) return { kind: "refused", refusal: leaseLost() };
    if (error instanceof IncidentClosed) return { kind: "refused", refusal: incidentClosed() };
    throw error;
  }
}

export function leaseLost(): Refused {
  return refused(
    "lease-lost",
    "Expected the claim that holds the job, found another one or none: the lease ended, and the job was offered again. Nothing was taken; claim jobs again.",
  );
}

export function incidentClosed(): Refused {
  return refused(
    "incident-closed",
    "Expected an open incident, found that it is closed already: read it to see by whom and why.",
  );
}
