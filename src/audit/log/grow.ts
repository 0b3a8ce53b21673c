/** A log grows by the hashes of new lines, and what it has become is signed. It goes on from what was signed before, or not at all. */

import { formatInstant } from "../../../machines/time/instant.ts";
import { checkpointBody, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import type { SignerKey } from "./note-key.ts";
import { parseNote, signNote } from "./signed-note.ts";
import { appended, edgeOf, hashesIn, type Tile } from "./tiles.ts";
import { HASH_BYTES, leafHash, rootOf, type Hash } from "./tree.ts";

export interface Growing {
  /** The last checkpoint's note; null: the log is empty. */
  readonly note: string | null;
  /** The tiles at the right edge. */
  readonly edge: readonly Tile[];
  /** That these tiles hash to; null: it is not known yet. */
  readonly root: Hash | null;
  /** SHA-256 of each new line, 32 bytes, one behind the other. */
  readonly hashes: Uint8Array;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface GrownTo {
  /** Those that changed. */
  readonly tiles: readonly Tile[];
  /** Those at the right edge now. */
  readonly edge: readonly Tile[];
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/** @throws {Error} when the stored tree is not the one that was signed: to go on from it would be to sign another history */
export function grownLog(
  { note, edge, root: before, hashes, now }: Growing,
  signer: SignerKey,
): GrownTo {
  const origin = signer.verifier.name;
  const size = note === null ? 0 : signedSize(note, origin, edge, before);
  const tiles = appended(size, edge, leavesOf(hashes));
  const grown = size + hashes.length / HASH_BYTES;
  const next = newestOf(edgeOf(grown), [...edge, ...tiles]);
  const root = rootOf(grown, hashesIn(next));
  const checkpoint = { origin, size: grown, root, time: formatInstant(now) };
  return { tiles, edge: next, checkpoint, note: signNote(checkpointBody(checkpoint), [signer]) };
}

/** Of a note, whether or not its key is known here: who may sign is decided elsewhere. */
export function checkpointIn(note: string): Checkpoint | null {
  return parseCheckpoint(parseNote(note)?.body ?? "");
}

function signedSize(
  note: string,
  origin: string,
  edge: readonly Tile[],
  before: Hash | null,
): number {
  const last = checkpointIn(note);
  if (last === null || last.origin !== origin) {
    throw new Error(`Expected the last checkpoint of the log ${origin}, found: ${note}`);
  }
  const root = before ?? rootOf(last.size, hashesIn(edge));
  if (Buffer.compare(root, last.root) !== 0) {
    throw new Error(
      `The log of ${last.size} entries is not the one that was signed at ${last.time}: its tiles were altered. Restore the table log_tiles from a backup; nothing is signed until then.`,
    );
  }
  return last.size;
}

function leavesOf(hashes: Uint8Array): readonly Hash[] {
  return Array.from({ length: hashes.length / HASH_BYTES }, (_, at) =>
    leafHash(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  );
}

/** A tile that changed stands behind what it was. */
function newestOf(places: ReturnType<typeof edgeOf>, tiles: readonly Tile[]): readonly Tile[] {
  return places.flatMap(
    ({ level, index }) =>
      tiles.findLast((tile) => tile.level === level && tile.index === index) ?? [],
  );
}
