/** Proves an order: its history replayed and re-hashed, and what is stored beside it held against its end and its seals. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Entry } from "../audit/entry.ts";
import type { Diverged, Replayed } from "../audit/replay.ts";
import { commitmentOf } from "../audit/seal.ts";
import { createSenders, mistold, type Senders } from "../audit/senders.ts";
import { OrderDamaged } from "../store/errors.ts";
import type { Checkpoint, Scope, Store, StoredOrder } from "../store/store.ts";
import { messagesOf, misfitBeside, misfitOutbox } from "./beside-history.ts";
import { scopeOf } from "./caller.ts";
import type { Caller, Orders, Verification } from "./engine.ts";
import { ownerMisfit } from "./owner.ts";
import { stepOf } from "./position.ts";
import { orderNotFound } from "./refusal.ts";
import type { Reading } from "./read.ts";
import { replayStored } from "./replaying.ts";
import { openedRows, type Opening } from "./seals.ts";

export async function verify(
  ports: Reading,
  caller: Caller,
  id: string,
): ReturnType<Orders["verify"]> {
  const scope = scopeOf(caller);
  let first: Entry | null = null;
  let last: Replayed | null = null;
  const checkpoint = await ports.store.orders.checkpoint(id);
  let forgedCheckpoint: Diverged | null = null;
  const sealedAt = new Map<string, number>();
  const senders = createSenders();
  const messages: string[] = [];
  for await (const next of replayStored(ports, id, scope)) {
    if (next.kind === "diverged") return verification(next.revision - 1, next);
    const untold = await mistoldIn(ports, senders, last, next);
    if (untold !== null) return verification(untold.revision - 1, untold);
    senders.note(next.entry);
    first ??= next.entry;
    messages.push(...messagesOf(next.entry.revision, next.stepped.effects));
    last = next;
    forgedCheckpoint ??= differsFrom(next, checkpoint);
    for (const commitment of Object.values(next.entry.sealed)) {
      sealedAt.set(commitment, next.entry.revision);
    }
  }
  const forged = await forgedValue(ports, id, sealedAt);
  if (forged !== null) return verification(forged.revision - 1, forged);
  // An order that moves while it is verified is proven up to where its history was read.
  const order = await orderOrDamage(ports.store, id, scope);
  if (order === null) return orderNotFound(id);
  const entries = last?.entry.revision ?? 0;
  if (order instanceof OrderDamaged) {
    return verification(entries, forgedCheckpoint ?? missing(entries + 1));
  }
  if (order.revision > entries && !(await goesOn(ports.store, id, entries))) {
    return verification(entries, missing(entries + 1));
  }
  if (order.revision !== entries) return verification(entries, forgedCheckpoint);
  const executable = last && (await ports.library.load(last.order.digest));
  const misfit =
    atEnd(last, executable, order) ??
    forgedCheckpoint ??
    (first && (await ofAnother(ports, first, order))) ??
    (last && executable && (await besideEnd(ports.store, executable, last, messages)));
  return verification(entries, misfit);
}

async function ofAnother(
  ports: Reading,
  first: Entry,
  order: StoredOrder,
): Promise<Diverged | null> {
  const misfit = await ownerMisfit(ports, first, order);
  return misfit && { kind: "diverged", revision: order.revision, field: "subject", ...misfit };
}

/** What others work by: it is looked at last, and says nothing of an order that has moved on. */
async function besideEnd(
  { besideHistory, outbox }: Store,
  executable: Executable,
  { order }: Replayed,
  messages: readonly string[],
): Promise<Diverged | null> {
  const { id } = order.identity;
  const found = await besideHistory(id);
  const misfit = misfitBeside(executable, order, found);
  if (misfit !== null || (messages.length === 0 && found?.messages === 0)) return misfit;
  return misfitOutbox(outbox, id, order.revision, messages);
}

async function mistoldIn(
  { library }: Reading,
  senders: Senders,
  before: Replayed | null,
  next: Replayed,
): Promise<Diverged | null> {
  if (before === null || before.order.digest === next.order.digest) return null;
  const [from, to] = await Promise.all(
    [before, next].map(({ order }) => library.load(order.digest)),
  );
  return from && to ? mistold(senders, next, from, to) : null;
}

/** What an order is rebuilt from follows from its history, or was changed. */
function differsFrom(
  { entry, hash, order, snapshot }: Replayed,
  checkpoint: Checkpoint | null,
): Diverged | null {
  if (checkpoint === null || checkpoint.revision !== entry.revision) return null;
  const { revision } = entry;
  return firstDifference(revision, [
    ["snapshot", snapshot.text, checkpoint.text],
    ["hash", hash, checkpoint.hash],
    ["digest", order.digest, checkpoint.digest],
    ["at", order.at, new Date(checkpoint.at).toISOString()],
  ]);
}

/** A personal value that is gone (erased) breaks no proof; one that is another than the committed does. */
async function forgedValue(
  opening: Opening,
  id: string,
  sealedAt: ReadonlyMap<string, number>,
): Promise<Diverged | null> {
  let first: Diverged | null = null;
  const shownToNobody = { ...opening, evenRestricted: true } as const;
  const { opened, clear } = await openedRows(shownToNobody, id, [...sealedAt.keys()]);
  for (const { commitment, salt, value } of [...opened, ...clear]) {
    const revision = sealedAt.get(commitment) ?? 1;
    const found = commitmentOf(Buffer.from(salt, "hex"), value);
    if (found === commitment || (first !== null && first.revision <= revision)) continue;
    first = { kind: "diverged", revision, field: "sealed", expected: commitment, found };
  }
  return first;
}

/** A history that is replayed to its end is at fault where more is known of the order than that. */
async function orderOrDamage(store: Store, id: string, scope: Scope) {
  try {
    return await store.orders.get(id, scope);
  } catch (error) {
    if (error instanceof OrderDamaged) return error;
    throw error;
  }
}

async function goesOn(store: Store, id: string, after: number): Promise<boolean> {
  const [next] = await store.orders.history(id, { after, limit: 1 }, { centres: "*" });
  return next !== undefined;
}

/** What is stored beside the history follows from it, or was changed. */
function atEnd(
  last: Replayed | null,
  executable: Executable | null,
  stored: StoredOrder,
): Diverged | null {
  if (last === null || executable === null) return missing(1);
  const { identity, digest, at, snapshot } = last.order;
  return firstDifference(last.entry.revision, [
    ["lastHash", last.hash, stored.lastHash],
    ["digest", digest, stored.digest],
    ["process", executable.process, stored.process],
    ["version", executable.version, stored.version],
    ["businessKey", identity.businessKey, stored.businessKey],
    ["centre", identity.centre, stored.centre],
    ["at", at, new Date(stored.at).toISOString()],
    // An incident is no event: the history says only whether the order may have one.
    ["status", snapshot.status, stored.status === "incident" ? "active" : stored.status],
    ["outcome", snapshot.outcome, stored.outcome],
    ["step", stepOf(executable.order, snapshot.value), stored.step],
    ["snapshot", last.snapshot.text, stored.snapshot.text],
  ]);
}

function firstDifference(
  revision: number,
  pairs: readonly (readonly [field: string, expected: unknown, found: unknown])[],
): Diverged | null {
  const wrong = pairs.find(([, expected, found]) => expected !== found);
  if (wrong === undefined) return null;
  const [field, expected, found] = wrong;
  return {
    ...{ kind: "diverged", revision, field },
    ...{ expected: String(expected), found: String(found) },
  };
}

function missing(revision: number): Diverged {
  return { kind: "diverged", revision, field: "line", expected: "an entry", found: "none" };
}

function verification(
  entries: number,
  diverged: Diverged | null,
): { readonly kind: "ok" } & Verification {
  if (diverged === null) return { kind: "ok", verified: true, entries, firstDivergence: null };
  const { kind: _kind, ...firstDivergence } = diverged;
  return { kind: "ok", verified: false, entries, firstDivergence };
}
