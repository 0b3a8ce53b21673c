/** What is not one order's change takes effect once per key: its answer, refusals too, commits with it and is given again. */

import type { IdempotencyKey, IdempotencyRecord, Settled } from "../store/contracts/idempotency.ts";
import type { Store } from "../store/store.ts";
import type { Caller, Idempotency, Operations, TextResult } from "./engine.ts";
import { answerErased, keyOf, openRefusal, sealRefusal, unsettled } from "./recorded.ts";
import type { Refused } from "./refusal.ts";
import { openAnswer, sealAnswer } from "./sealed-answer.ts";

export interface OncePorts {
  readonly store: Store;
  /** The operations on a store that is bound to a transaction; `committed` runs what must wait for its end. */
  readonly operationsOn: (store: Store, afterwards: (effect: () => void) => void) => Operations;
}

/** One transaction for the work and its record. */
export async function once(
  { store, operationsOn }: OncePorts,
  caller: Caller,
  idempotency: Idempotency,
  work: (operations: Operations) => Promise<TextResult>,
): Promise<TextResult> {
  const key = keyOf(caller, idempotency);
  let effects: (() => void)[] = [];
  try {
    const outcome = await store.idempotency.once(key, async (inner) => {
      // A conflict made the store begin anew: what the first attempt left for afterwards did not happen.
      effects = [];
      const result = await work(operationsOn(inner, (effect) => effects.push(effect)));
      if (result.kind === "refused") throw new Undone(result);
      return recordOf(result, key);
    });
    if (outcome.kind === "done") for (const effect of effects) effect();
    return answered(outcome, key);
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
    const record = recordOf(error.refused, key);
    return answered(await store.idempotency.once(key, () => Promise.resolve(record)), key);
  }
}

/** Thrown through the transaction: whatever the work had written before it was refused is gone with it. */
class Undone extends Error {
  override readonly name = "Undone";
  readonly refused: Refused;
  constructor(refused: Refused) {
    super(refused.detail);
    this.refused = refused;
  }
}

/** Work of many transactions that may safely be done again: the record follows it. */
export function createKeeping(store: Store) {
  const underWay = new Set<string>();
  return async (
    caller: Caller,
    idempotency: Idempotency,
    work: () => Promise<TextResult>,
  ): Promise<TextResult> => {
    const key = keyOf(caller, idempotency);
    const settled = await store.idempotency.look(key);
    if (settled !== null) return answered(settled, key);
    const name = JSON.stringify([key.caller, key.key]);
    if (underWay.has(name)) return unsettled("in-progress");
    underWay.add(name);
    try {
      const record = recordOf(await work(), key);
      return answered(await store.idempotency.once(key, () => Promise.resolve(record)), key);
    } finally {
      underWay.delete(name);
    }
  };
}

function recordOf(result: TextResult, key: IdempotencyKey): IdempotencyRecord {
  return {
    ...{ orderId: null, revision: null },
    answer:
      result.kind === "ok"
        ? {
            ...{ kind: "text", sealed: sealAnswer(result.text, key) },
            ...(result.personal === true ? { personal: true } : {}),
          }
        : { kind: "refused", sealed: sealRefusal(result, key), judgedAt: null },
  };
}

function answered(
  outcome: Settled | { readonly kind: "done"; readonly record: IdempotencyRecord },
  key: IdempotencyKey,
): TextResult {
  if (outcome.kind !== "done" && outcome.kind !== "replayed") return unsettled(outcome.kind);
  const { answer } = outcome.record;
  const replayed = outcome.kind === "replayed" ? ({ replayed: true } as const) : {};
  if (answer.kind === "text") {
    return { kind: "ok", text: openAnswer(answer.sealed, key), ...replayed };
  }
  if (answer.kind === "refused") return { ...openRefusal(answer.sealed, key), ...replayed };
  if (answer.kind === "erased") return answerErased();
  throw new Error("expected an answer in the record, found an order's");
}
