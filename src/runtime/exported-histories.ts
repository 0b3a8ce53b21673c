/** Reads the histories of all orders that began in a period, one after the other, each entry with what its definition tells. */

import type { Executable } from "../../machines/compile/executable.ts";
import { chainedHistory, type ChainedEntry } from "../audit/export/chained-history.ts";
import type { ToldEntry } from "../audit/export/writer.ts";
import { vocabularyOf, type Vocabulary } from "../audit/export/vocabulary.ts";
import { HistoryDiverged } from "../audit/rebuild.ts";
import type { OrderPeriod, WalkedOrder } from "../store/contracts/order-walk.ts";
import { OrderDamaged } from "../store/errors.ts";
import type { HistoryEntry, Scope, Store } from "../store/store.ts";
import type { Library } from "./definitions.ts";
import { othersTurn } from "./in-turns.ts";
import { stepOf } from "./position.ts";

export interface ExportedHistory {
  readonly order: WalkedOrder;
  /**
   * Its entries up to the revision that the order had, in order; to be read before the next order is asked for.
   * @throws {OrderDamaged} where a line is no entry or does not follow, is missing, or its definition is
   */
  readonly pages: () => AsyncGenerator<readonly ToldEntry[], void>;
}

export interface ExportReading {
  readonly store: Pick<Store, "orders">;
  readonly library: Pick<Library, "load">;
}

const ORDERS = 200;
const ENTRIES = 200;
const PAGE_BYTES = 1 << 20;

/** @throws {ArchiveDetached} where an order that may be of the period lies in a month that was taken out */
export async function* exportedHistories(
  { store, library }: ExportReading,
  period: OrderPeriod,
  scope: Scope,
): AsyncGenerator<ExportedHistory, void> {
  const reading = { orders: store.orders, vocabularyOf: vocabularies(library), scope };
  let after: string | null = null;
  for (;;) {
    const page = await store.orders.walk(period, { after, limit: ORDERS }, scope);
    for (const order of page.orders) yield { order, pages: () => pagesOf(reading, order) };
    if (page.reached === null) return;
    after = page.reached;
    await othersTurn();
  }
}

interface Reading {
  readonly orders: Store["orders"];
  readonly vocabularyOf: VocabularyOf;
  readonly scope: Scope;
}

async function* pagesOf(
  reading: Reading,
  order: WalkedOrder,
): AsyncGenerator<readonly ToldEntry[], void> {
  const read = chainedHistory(order.id);
  let after = 0;
  while (after < order.revision) {
    const limit = Math.min(ENTRIES, order.revision - after);
    const wanted = { after, limit, bytes: PAGE_BYTES };
    const page = await reading.orders.history(order.id, wanted, reading.scope);
    const last = page.at(-1);
    if (last === undefined) throw new OrderDamaged(order, { revision: after + 1, field: "line" });
    const chained = page.map((stored) => orDamage(order, () => read(stored)));
    const digests = new Set(chained.map(({ entry }) => entry.digest));
    const words = new Map<string, Vocabulary | null>();
    for (const digest of digests) words.set(digest, await reading.vocabularyOf(digest));
    yield page.map((stored, at) => telling(order, stored, chained[at], words));
    after = last.revision;
  }
}

function telling(
  order: WalkedOrder,
  { line, revision }: HistoryEntry,
  chained: ChainedEntry | undefined,
  words: ReadonlyMap<string, Vocabulary | null>,
): ToldEntry {
  const vocabulary = chained === undefined ? undefined : words.get(chained.entry.digest);
  if (chained === undefined || vocabulary === undefined || vocabulary === null) {
    throw new OrderDamaged(order, { revision, field: "digest" });
  }
  return { ...chained, line, vocabulary };
}

function orDamage<T>(order: WalkedOrder, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof HistoryDiverged ? new OrderDamaged(order, error) : error;
  }
}

/** Null: no definition of this digest is published. */
type VocabularyOf = (digest: string) => Promise<Vocabulary | null>;

/** A definition's schemas are looked through once. */
const known = new WeakMap<Executable, Vocabulary>();

function vocabularies({ load }: ExportReading["library"]): VocabularyOf {
  return async (digest) => {
    const executable = await load(digest);
    if (executable === null) return null;
    const { order: chart } = executable;
    const vocabulary =
      known.get(executable) ?? vocabularyOf(executable, (value) => stepOf(chart, value));
    known.set(executable, vocabulary);
    return vocabulary;
  };
}
