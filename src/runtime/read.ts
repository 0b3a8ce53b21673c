/** Reads orders: as they are, as they were, and what happened to them; what a caller does not reach looks absent. */

import type { Store } from "../store/store.ts";
import { commitmentsIn } from "../../machines/schema/tokens.ts";
import { maySeePersons, scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type {
  Caller,
  ListResult,
  OrderFilter,
  OrderResult,
  OrdersResult,
  Page,
  ViewResult,
} from "./engine.ts";
import { entryAnswer } from "./entry-answer.ts";
import { inTurns } from "./in-turns.ts";
import type { Keyring } from "./keyring.ts";
import { sightAt, type Point } from "./past.ts";
import { historyDiverged, orderNotFound, type Refused } from "./refusal.ts";
import { sightOf, sightsOf } from "./sight.ts";
import { workOrder, type Sight } from "./view.ts";
import type { HistoryEntry, WorkOrder } from "./work-order.ts";

export interface Reading {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Pick<Keyring, "read" | "tagOf">;
}

export async function view(
  { store, library, keyring }: Reading,
  caller: Caller,
  id: string,
): Promise<ViewResult> {
  const stored = await store.orders.get(id, scopeOf(caller));
  if (stored === null) return orderNotFound(id);
  const sight = await sightOf(store, library, stored);
  const order = await workOrder(sight, caller, { store, keyring, orderId: id, fresh: [] });
  const asWritten = stored.updatedAt === stored.at && !isWithheld(sight, caller, order);
  return { kind: "ok", order, asWritten };
}

/** Whether values that the caller would see are erased or restricted: no revision tells since when. */
function isWithheld(
  { executable, order: { snapshot } }: Sight,
  caller: Caller,
  { data, items }: WorkOrder,
): boolean {
  const inside = [
    snapshot.data,
    ...Object.values(snapshot.items)
      .flat()
      .map((item) => item.data),
  ];
  if (commitmentsIn(inside).length === 0 || !maySeePersons(executable, caller)) return false;
  return commitmentsIn([data, items]).length > 0;
}

export async function list(
  { store, library, keyring }: Reading,
  caller: Caller,
  filter: OrderFilter,
  page: Page,
): Promise<OrdersResult<WorkOrder>> {
  const { items, ...rest } = await store.orders.list({ ...filter, ...page }, scopeOf(caller));
  const sights = await sightsOf(store, library, items);
  const answers = await inTurns(sights, (sight) =>
    workOrder(sight, caller, { store, keyring, orderId: sight.order.identity.id, fresh: [] }),
  );
  return { kind: "ok", items: answers, ...rest };
}

export async function history(
  { store, library, keyring }: Reading,
  caller: Caller,
  id: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ListResult<HistoryEntry> | Refused> {
  const scope = scopeOf(caller);
  const found = await store.orders.history(id, { after, limit: limit + 1 }, scope);
  if (found.length === 0 && (await store.orders.get(id, scope)) === null) return orderNotFound(id);
  const page = found.slice(0, limit);
  const answers = await Promise.all(
    page.map((stored) => entryAnswer({ store, library, keyring }, caller, id, stored)),
  );
  const items = answers.filter((answer) => answer !== null);
  const torn = page[answers.indexOf(null)];
  if (torn !== undefined) return historyDiverged(id, torn.revision, "line");
  const last = found.length > limit ? page.at(-1) : undefined;
  return { kind: "ok", items, nextCursor: last === undefined ? null : String(last.revision) };
}

/** The stored lines themselves, byte for byte: what the chain is made of. */
export async function lines(
  { store }: Reading,
  caller: Caller,
  id: string,
  page: { readonly after: number; readonly limit: number },
): Promise<{ readonly kind: "ok"; readonly lines: readonly string[] } | Refused> {
  const scope = scopeOf(caller);
  const found = await store.orders.history(id, page, scope);
  if (found.length === 0 && (await store.orders.get(id, scope)) === null) return orderNotFound(id);
  return { kind: "ok", lines: found.map(({ line }) => line) };
}

/** From history and definitions alone. */
export async function at(
  { store, library, keyring }: Reading,
  caller: Caller,
  id: string,
  when: Point,
): Promise<OrderResult> {
  const past = await sightAt({ store, library }, id, when, scopeOf(caller));
  if (past.kind === "refused") return past;
  const vault = { store, keyring, orderId: id, fresh: [] };
  return { kind: "ok", order: await workOrder(past.sight, caller, vault) };
}
