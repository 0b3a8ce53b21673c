/** Proves an order's history over HTTP: one line without gap or fork, and a replay that ends where the order stands. */

import { history, verify, view, type Api, type HistoryEntry, type WorkOrder } from "./api.ts";

export interface Proven {
  readonly order: WorkOrder;
  readonly entries: readonly HistoryEntry[];
  /** What is wrong; empty: nothing. */
  readonly flaws: readonly string[];
}

const NO_LINE = "0".repeat(64);

export async function proven(api: Api, id: string): Promise<Proven> {
  const entries = await history(api, id);
  const order = await view(api, id);
  const { verified, entries: replayed } = await verify(api, id);
  const flaws = entries.flatMap((entry, index) => flawsOf(entry, index, entries[index - 1]));
  if (order.revision !== entries.length) {
    flaws.push(`the order is at ${order.revision}, its history at ${entries.length}`);
  }
  if (!verified || replayed !== entries.length) {
    flaws.push(`verified ${verified} with ${replayed} of ${entries.length} entries`);
  }
  return { order, entries, flaws: flaws.map((flaw) => `${id}: ${flaw}`) };
}

function flawsOf(entry: HistoryEntry, index: number, before: HistoryEntry | undefined): string[] {
  const { revision, prevHash, at } = entry;
  const flaws: string[] = [];
  if (revision !== index + 1) flaws.push(`gap: revision ${revision} in place ${index + 1}`);
  if (prevHash !== (before?.hash ?? NO_LINE)) flaws.push(`fork: ${revision} follows another line`);
  if (at < (before?.at ?? "")) flaws.push(`time goes back at ${revision}`);
  return flaws;
}
