/** Rebuilds an order's snapshot from its history, whole or from a checkpoint on: what the store asks for when it lacks one. */

import { createExecutables } from "./executables.ts";
import { replay, type Diverged, type Past } from "./replay.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * @param past the checkpoint that the lines go on from; null: they are all of the history
 * @param definitions canonical texts by digest
 * @throws {HistoryDiverged} when the history is not whole: no snapshot is better than one that nothing vouches for
 */
export type Rebuild = (
  id: string,
  past: Past | null,
  lines: readonly string[],
  definitions: ReadonlyMap<string, string>,
) => Snapshot;

/** What is stored is not what happened. What was expected and found in its place, `verify` tells. */
export class HistoryDiverged extends Error {
  override readonly name = "HistoryDiverged";
  readonly revision: number;
  /** As `Diverged` names it. */
  readonly field: string;
  constructor(id: string, { revision, field }: Pick<Diverged, "revision" | "field">) {
    super(`The history of order ${id} diverges at revision ${revision}, in ${field}.`);
    this.revision = revision;
    this.field = field;
  }
}

export function createRebuild(): Rebuild {
  const executables = createExecutables();
  return (id, past, lines, definitions) => {
    const executableOf = (digest: string) => {
      const canonical = definitions.get(digest);
      return canonical === undefined ? null : executables.compile(digest, canonical);
    };
    let snapshot: Snapshot | null = null;
    for (const next of replay(lines, executableOf, past)) {
      if (next.kind === "diverged") throw new HistoryDiverged(id, next);
      ({ snapshot } = next);
    }
    if (snapshot === null) throw new HistoryDiverged(id, { revision: 1, field: "line" });
    return snapshot;
  };
}
