/**
 * Who sent which events, as the history itself tells. A migration brings senders into the order's snapshot that only the new
 * version asks for; whoever reads the whole history holds them against this.
 */

import type { Executable } from "../../machines/compile/executable.ts";
import { newlySeparated } from "../../machines/migrate/migrate.ts";
import { readMigration } from "../../machines/migrate/migration.ts";
import { MIGRATED } from "./migrated-places.ts";
import type { Diverged, Replayed } from "./replay.ts";

export interface Senders {
  readonly note: (entry: Pick<Replayed["entry"], "type" | "actor">) => void;
  /** Once each, in the order in which they first sent it. */
  readonly of: (type: string) => readonly string[];
}

export function createSenders(): Senders {
  const byType = new Map<string, Set<string>>();
  return {
    note: ({ type, actor }) => {
      const senders = byType.get(type);
      if (senders === undefined) byType.set(type, new Set([actor.sub]));
      else senders.add(actor.sub);
    },
    of: (type) => [...(byType.get(type) ?? [])],
  };
}

/**
 * @param senders of all entries before this one
 * @param from the version that the order lived under before it; null: it is the first
 */
export function mistold(
  senders: Pick<Senders, "of">,
  { entry }: Pick<Replayed, "entry">,
  from: Executable | null,
  to: Executable,
): Diverged | null {
  if (entry.type !== MIGRATED || from === null) return null;
  const { performers } = readMigration(entry.payload);
  for (const event of newlySeparated({ from, to })) {
    const expected = JSON.stringify(senders.of(event));
    const found = JSON.stringify(performers[event] ?? []);
    if (expected === found) continue;
    return { kind: "diverged", revision: entry.revision, field: "payload", expected, found };
  }
  return null;
}
