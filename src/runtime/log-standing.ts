/**
 * Whether the database's log goes on from the last checkpoint that stands outside of it. A database that was restored from
 * an old backup, emptied or rewritten does not, and no server starts on it without a word.
 */

import { hashOfLeaves } from "../audit/log/tree.ts";
import type { Checkpoint } from "../audit/log/checkpoint.ts";
import { checkpointIn } from "../audit/log/grow.ts";
import { hashesIn, TileMissing, tilesFor } from "../audit/log/tiles.ts";
import type { MerkleLog } from "../store/contracts/merkle-log.ts";
import type { CheckpointFile } from "./log-keeping.ts";

export class LogWentBack extends Error {
  override readonly name = "LogWentBack";
}

/** @throws {LogWentBack} saying what was expected and found, and what to do */
export async function checkStanding(
  log: Pick<MerkleLog, "newest" | "tiles">,
  file: CheckpointFile,
): Promise<void> {
  const outside = await file.newest();
  if (outside === null) return;
  const newest = await log.newest();
  const inside = newest === null ? null : checkpointIn(newest.note);
  if (inside !== null && inside.origin !== outside.origin) {
    throw wentBack(file, outside, `its log is another one, ${inside.origin}`);
  }
  const size = newest?.size ?? 0;
  if (newest === null || size < outside.size) {
    const when = inside === null ? "" : `, as of ${inside.time}`;
    throw wentBack(file, outside, `its log has ${size} entries${when}`);
  }
  const root = await rootAt(log, outside.size);
  if (root === null || Buffer.compare(root, outside.root) !== 0) {
    throw wentBack(file, outside, `the first ${outside.size} entries of its log are others`);
  }
}

/** Null: tiles are missing. */
async function rootAt(log: Pick<MerkleLog, "tiles">, size: number): Promise<Uint8Array | null> {
  const all = { start: 0, end: size };
  try {
    return hashOfLeaves(all, hashesIn(await log.tiles(tilesFor([all]))));
  } catch (error) {
    if (error instanceof TileMissing) return null;
    throw error;
  }
}

function wentBack({ path }: CheckpointFile, { origin, size, time }: Checkpoint, found: string) {
  return new LogWentBack(
    `the database is older than its last checkpoint, or another one: ${path} says that at ${time} the log ${origin} had ${size} entries, but in this database ${found}. ` +
      "Entries that were signed are not there. Restore the database from a newer backup, or point DATABASE_URL and SEVENSTEP_DATA to what belongs together. " +
      `If the loss is known and accepted, keep a copy of ${path} as its proof, move the file away and start again.`,
  );
}
