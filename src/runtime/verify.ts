/** Proves an order: its history replayed and re-hashed from the first line, and its end compared with what is stored. */

import { snapshotText } from "../audit/entry.ts";
import type { Diverged, Replayed } from "../audit/replay.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import { scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller, Orders, Verification } from "./engine.ts";
import { orderNotFound } from "./refusal.ts";
import { replayStored } from "./replaying.ts";

export async function verify(
  ports: { readonly store: Store; readonly library: Library },
  caller: Caller,
  id: string,
): ReturnType<Orders["verify"]> {
  const scope = scopeOf(caller);
  let last: Replayed | null = null;
  for await (const next of replayStored(ports, id, scope)) {
    if (next.kind === "diverged") return verification(next.revision - 1, next);
    last = next;
  }
  // An order that moves while it is verified is proven up to where its history was read.
  const order = await ports.store.orders.get(id, scope);
  if (order === null) return orderNotFound(id);
  const entries = last?.entry.revision ?? 0;
  if (order.revision > entries && !(await goesOn(ports.store, id, entries))) {
    return verification(entries, missing(entries + 1));
  }
  return verification(entries, order.revision === entries ? atEnd(last, order) : null);
}

async function goesOn(store: Store, id: string, after: number): Promise<boolean> {
  const [next] = await store.orders.history(id, { after, limit: 1 }, { centres: "*" });
  return next !== undefined;
}

/** What is stored beside the history follows from it, or was changed. */
function atEnd(last: Replayed | null, stored: StoredOrder): Diverged | null {
  if (last === null) return missing(1);
  const { identity, digest, at, snapshot } = last.order;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["lastHash", last.hash, stored.lastHash],
    ["digest", digest, stored.digest],
    ["businessKey", identity.businessKey, stored.businessKey],
    ["centre", identity.centre, stored.centre],
    ["at", at, new Date(stored.at).toISOString()],
    ["outcome", snapshot.outcome, stored.outcome],
    ["snapshot", snapshotText(snapshot), stored.snapshot],
  ];
  const wrong = pairs.find(([, expected, found]) => expected !== found);
  if (wrong === undefined) return null;
  const [field, expected, found] = wrong;
  const { revision } = last.entry;
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
