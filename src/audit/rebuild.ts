/** Rebuilds an order's snapshot from its history: what the store asks for when a snapshot was forgotten. */

import { snapshotText } from "./entry.ts";
import { createExecutables } from "./executables.ts";
import { replay } from "./replay.ts";

/** @throws {Error} when the history is not whole: no snapshot is better than one that nothing vouches for */
export type Rebuild = (
  id: string,
  lines: readonly string[],
  definitions: ReadonlyMap<string, string>,
) => string;

export function createRebuild(): Rebuild {
  const executables = createExecutables();
  return (id, lines, definitions) => {
    const executableOf = (digest: string) => {
      const canonical = definitions.get(digest);
      return canonical === undefined ? null : executables.compile(digest, canonical);
    };
    let snapshot: string | null = null;
    for (const next of replay(lines, executableOf)) {
      if (next.kind === "diverged") {
        const { revision, field, expected, found } = next;
        throw new Error(
          `The history of order ${id} diverges at revision ${revision}, ${field}: expected ${expected}, found ${found}.`,
        );
      }
      snapshot = snapshotText(next.order.snapshot);
    }
    if (snapshot === null) throw new Error(`Expected a history of order ${id}, found no entry.`);
    return snapshot;
  };
}
