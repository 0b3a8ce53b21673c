/** The one path that changes an order, its durable half: the order's lock, its clock, its definition, its key, one decision. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Instant } from "../../machines/order.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type { ChangeOptions, Decision, EpochMs, Store, StoredOrder } from "../store/store.ts";
import type { Library } from "./definitions.ts";
import type { Keys } from "./keystore.ts";
import { sealedDecision } from "./sealed-decision.ts";
import type { OpenDecision, SealPorts } from "./seals.ts";

/** Synchronous, and may run again: see `Decide` of the store. */
export type DecideOn<T> = (
  current: StoredOrder,
  executable: Executable,
  now: Instant,
) => OpenDecision<T>;

export type Changed<T> =
  | { readonly kind: "decided"; readonly result: T }
  | { readonly kind: "absent" };

export type Change = <T>(
  orderId: string,
  decide: DecideOn<T>,
  idempotency?: ChangeOptions<T>["idempotency"],
) => Promise<Changed<T>>;

type Outcome<T> =
  | Changed<T>
  | { readonly kind: "missing"; readonly digest: string }
  | { readonly kind: "keyless"; readonly tag: string };

const NO_KEYS: Keys = new Map();

/** `now` is what the order's clock said after the row was locked. @throws what `Store.change` throws */
export function createChange(
  store: Pick<Store, "change">,
  library: Library,
  seals: SealPorts,
): Change {
  return async <T>(
    orderId: string,
    decide: DecideOn<T>,
    idempotency?: ChangeOptions<T>["idempotency"],
  ): Promise<Changed<T>> => {
    const options = idempotency === undefined ? {} : { idempotency: deciding(idempotency) };
    let loaded: Executable | null = null;
    let held = NO_KEYS;
    let pending: { readonly on: StoredOrder; readonly decision: OpenDecision<T> } | null = null;
    const decideOnce = (current: StoredOrder | null, now: EpochMs): Decision<Outcome<T>> => {
      if (current === null) return { kind: "leave", result: { kind: "absent" } };
      const { digest } = current;
      const executable = loaded?.digest === digest ? loaded : library.peek(digest);
      if (executable === null) return later({ kind: "missing", digest });
      // The same order as when the key was asked for: what was decided on it then, at an instant of its own, stands.
      const decision =
        pending?.on === current
          ? pending.decision
          : decide(current, executable, formatInstant(now));
      const result = { kind: "decided", result: decision.result } as const;
      const sealed = sealedDecision(seals, decision, current, held);
      if (sealed.kind !== "keyless") return { ...sealed, result };
      pending = { on: current, decision };
      return later(sealed);
    };
    for (;;) {
      const outcome = await store.change<Outcome<T>>(orderId, decideOnce, options);
      // Compiling, or asking for a key, under the order's lock would hold up everybody else who wants the order.
      if (outcome.kind === "keyless") {
        held = await seals.keyring.ensure([outcome.tag]);
        if (!held.has(outcome.tag)) throw new Error(`Expected a key for order ${orderId}.`);
      } else if (outcome.kind === "missing") {
        loaded = await library.load(outcome.digest);
        if (loaded === null) throw unpublished(orderId, outcome.digest);
      } else return outcome;
    }
  };
}

function later<T>(result: Outcome<T>): Decision<Outcome<T>> {
  return { kind: "leave", result, isProvisional: true };
}

function deciding<T>({
  key,
  settled,
}: NonNullable<ChangeOptions<T>["idempotency"]>): NonNullable<
  ChangeOptions<Outcome<T>>["idempotency"]
> {
  return { key, settled: (found) => ({ kind: "decided", result: settled(found) }) };
}

function unpublished(orderId: string, digest: string): Error {
  return new Error(`Expected the definition ${digest} of order ${orderId}, found none.`);
}
