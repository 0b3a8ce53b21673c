/** Looks into the database of a server that has stopped: the outbox holds what the histories say, no more and no less. */

import { openStore } from "../../src/store/open.ts";
import type { HistoryEntry } from "./api.ts";
import type { Site } from "./server.ts";

/** @returns what differs, one line each; empty: nothing */
export async function outboxFlaws(
  { dataFolder, databaseUrl }: Site,
  histories: ReadonlyMap<string, readonly HistoryEntry[]>,
): Promise<readonly string[]> {
  const server = databaseUrl === null ? {} : { databaseUrl };
  const store = await openStore({ dataFolder, ...server });
  const flaws: string[] = [];
  try {
    for (const [id, entries] of histories) {
      const found = await store.outbox.list(id, { afterRevision: 0, limit: 10_000 });
      const messages = found.map(({ revision, type }) => `${revision} ${type}`).join();
      const expected = messagesOf(entries).join();
      if (messages !== expected) flaws.push(`${id}: expected ${expected}, found ${messages}`);
    }
  } finally {
    await store.close();
  }
  return flaws;
}

/** What the document declares as effects; opening and closing a job are the engine's own. */
export function messagesOf(entries: readonly HistoryEntry[]): readonly string[] {
  return entries.flatMap(({ revision, effects }) =>
    effects.filter(({ type }) => !type.includes(".")).map(({ type }) => `${revision} ${type}`),
  );
}
