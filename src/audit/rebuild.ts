/** Rebuilds an order's snapshot from its history, whole or from a checkpoint on: what the store asks for when it lacks one. */

import { createExecutables } from "./executables.ts";
import { replay, type Past } from "./replay.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * @param past the checkpoint that the lines go on from; null: they are all of the history
 * @param definitions canonical texts by digest
 * @throws {Error} when the history is not whole: no snapshot is better than one that nothing vouches for
 */
export type Rebuild = (
  id: string,
  past: Past | null,
  lines: readonly string[],
  definitions: ReadonlyMap<string, string>,
) => Snapshot;

export function createRebuild(): Rebuild {
  const executables = createExecutables();
  return (id, past, lines, definitions) => {
    const executableOf = (digest: string) => {
      const canonical = definitions.get(digest);
      return canonical === undefined ? null : executables.compile(digest, canonical);
    };
    let snapshot: Snapshot | null = null;
    for (const next of replay(lines, executableOf, past)) {
      if (next.kind === "diverged") {
        const { revision, field, expected, found } = next;
        throw new Error(
          `The history of order ${id} diverges at revision ${revision}, ${field}: expected ${expected}, found ${found}.`,
        );
      }
      ({ snapshot } = next);
    }
    if (snapshot === null) throw new Error(`Expected a history of order ${id}, found no entry.`);
    return snapshot;
  };
}
