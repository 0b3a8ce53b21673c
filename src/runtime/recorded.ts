/** A request that comes again under its key is answered as it was the first time: from the order's history, not from a copy. */

import type { JsonObject } from "../../machines/json.ts";
import type { Instant } from "../../machines/order.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import type { IdempotencyKey, IdempotencyRecord, Settled } from "../store/contracts/idempotency.ts";
import { parseObject } from "../store/json-text.ts";
import type { Store } from "../store/store.ts";
import { scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller, CreateResult, Idempotency } from "./engine.ts";
import { sightAt } from "./past.ts";
import type { Keyring } from "./keyring.ts";
import { orderNotFound, refused, type Refused } from "./refusal.ts";
import { sightOf } from "./sight.ts";
import { openAnswer, sealAnswer } from "./sealed-answer.ts";
import { choicesFor, workOrder, type Sight } from "./view.ts";

export interface Recording {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
}

/** Where an order stood when it was judged. */
export interface JudgedAt {
  readonly orderId: string;
  readonly revision: number;
  readonly now: Instant;
}

export function keyOf({ sub }: Caller, idempotency: Idempotency): IdempotencyKey {
  return { caller: sub, ...idempotency };
}

export function isSettled(outcome: { readonly kind: string }): outcome is Settled {
  return ["replayed", "reused", "in-progress"].includes(outcome.kind);
}

/** What is answered in place of doing it again. */
export async function settledAnswer(
  recording: Recording,
  caller: Caller,
  settled: Settled,
): Promise<CreateResult> {
  if (settled.kind !== "replayed") return unsettled(settled.kind);
  return recordedAnswer(recording, caller, settled);
}

/**
 * The answer to what was just written, as its record has it: where the order stands with its incidents, only the
 * transaction knew.
 */
export async function writtenAnswer(
  recording: Recording,
  caller: Caller,
  key: IdempotencyKey,
): Promise<CreateResult> {
  const found = await recording.store.idempotency.look(key);
  if (found?.kind !== "replayed") throw new Error("expected the record of what was written");
  const result = await recordedAnswer(recording, caller, found);
  const { replayed: _replayed, ...answer } = result;
  return answer;
}

/**
 * A refusal counts too: a copy of the request that arrives late takes no effect after its caller was told no.
 * @returns what was recorded first
 */
export async function recordRefusal(
  recording: Recording,
  caller: Caller,
  key: IdempotencyKey | undefined,
  refusal: Refused,
  at: JudgedAt | null = null,
): Promise<Refused | CreateResult> {
  if (key === undefined) return refusal;
  // Choices follow from the order as it was: they are no part of the record.
  const { enabled, blocked: _blocked, ...rest } = refusal;
  const judgedAt = at === null || enabled === undefined ? null : epochMs(at.now);
  return recordAnswer(recording, caller, key, refusal, {
    ...{ orderId: at?.orderId ?? null, revision: at?.revision ?? null },
    answer: { kind: "refused", sealed: sealRefusal(rest, key), judgedAt },
  });
}

/** @returns the answer, unless another one was recorded first */
export async function recordAnswer<Answer>(
  recording: Recording,
  caller: Caller,
  key: IdempotencyKey,
  answer: Answer,
  record: IdempotencyRecord,
): Promise<Answer | CreateResult> {
  const outcome = await recording.store.idempotency.once(key, () => Promise.resolve(record));
  return outcome.kind === "done" ? answer : settledAnswer(recording, caller, outcome);
}

export function unsettled(kind: Exclude<Settled["kind"], "replayed">): Refused {
  return kind === "reused"
    ? refused(
        "idempotency-key-reused",
        "Expected the request that this key was first used for, found another one: take a new key for each request.",
      )
    : refused(
        "idempotency-in-progress",
        "The first request with this key has not ended: send the same again in a moment, and its answer is given.",
      );
}

async function recordedAnswer(
  recording: Recording,
  caller: Caller,
  { key, record }: Extract<Settled, { kind: "replayed" }>,
): Promise<CreateResult> {
  const { orderId, revision, answer } = record;
  if (answer.kind === "text") throw new Error("expected an order's answer, found another");
  if (answer.kind === "erased") return answerErased();
  const isJudged = answer.kind === "order" || answer.judgedAt !== null;
  const past =
    orderId !== null && revision !== null && isJudged
      ? await sightThen(recording, caller, orderId, revision)
      : null;
  if (past?.kind === "refused") return past;
  if (answer.kind === "refused") {
    const { sealed, judgedAt } = answer;
    const choices =
      past === null || judgedAt === null
        ? {}
        : choicesFor({ ...past.sight, now: formatInstant(judgedAt) }, caller);
    return { ...openRefusal(sealed, key), ...choices, replayed: true };
  }
  if (past === null || orderId === null) throw new Error("expected an order in its record");
  const { status, failedJobs, created } = answer;
  const sight = { ...past.sight, status, failedJobs: new Set(failedJobs) };
  const vault = { ...recording, orderId, fresh: [] };
  return { kind: "ok", order: await workOrder(sight, caller, vault), created, replayed: true };
}

/** As the order stood then, to a caller who reaches it now. */
async function sightThen(
  { store, library }: Pick<Recording, "store" | "library">,
  caller: Caller,
  id: string,
  revision: number,
): Promise<{ readonly kind: "ok"; readonly sight: Sight } | Refused> {
  const scope = scopeOf(caller);
  const stored = await store.orders.get(id, scope);
  if (stored === null) return orderNotFound(id);
  if (stored.revision !== revision) {
    return sightAt({ store, library }, id, { revision }, scope);
  }
  const now = formatInstant(stored.at);
  return { kind: "ok", sight: await sightOf(store, library, stored, now) };
}

/** The request took effect then, and takes none now. */
export function answerErased(): Refused {
  const detail =
    "Expected the answer that this request was given, found that it told of a person whose data were erased since. Nothing was done now.";
  return refused("answer-erased", detail, { replayed: true });
}

export function sealRefusal(
  refusal: Omit<Refused, "enabled" | "blocked">,
  key: IdempotencyKey,
): string {
  return sealAnswer(JSON.stringify(refusal), key);
}

export function openRefusal(sealed: string, key: IdempotencyKey): Refused {
  const recorded = parseObject(openAnswer(sealed, key));
  if (isRefused(recorded)) return recorded;
  throw new Error("expected a refusal in its record, found another answer");
}

function isRefused(value: JsonObject): value is JsonObject & Refused {
  return value["kind"] === "refused" && typeof value["code"] === "string";
}
