/**
 * Audits the log: its last checkpoint is signed by a key of the log, and each leaf that it covers is the entry that is stored
 * now. Tile by tile: hashes made of the entries lead to the signed root, or the leaves that differ are named.
 */

import { readCheckpoint, type Checkpoint } from "../../audit/log/checkpoint.ts";
import { keysFollowing } from "../../audit/log/handover.ts";
import { parseVerifierKey, type VerifierKey } from "../../audit/log/note-key.ts";
import { inclusionParts, inclusionProof } from "../../audit/log/proof.ts";
import { hashesIn, tilesFor, type Tile, type TilePlace } from "../../audit/log/tiles.ts";
import { HASH_BYTES, leafHash } from "../../audit/log/tree.ts";
import { provesInclusion } from "../../audit/log/verify-proof.ts";
import type { LoggedEntry, MerkleLog, StoredCheckpoint } from "../../store/contracts/merkle-log.ts";
import type { EpochMs } from "../../store/store.ts";
import { findingOf, type AuditFinding } from "./finding.ts";

export interface LogAudit {
  /** Positions looked at so far, and the last of them. */
  readonly entries: number;
  readonly reached: number;
  readonly findings: readonly AuditFinding[];
}

/** Entries in a full tile. */
const TILE = 256;
/** Tiles whose entries are read at once. */
const AT_ONCE = 8;

/** The log's last checkpoint, when it is what the log's keys signed; a finding says what it is instead. */
export async function lastCheckpoint(
  log: MerkleLog,
  trusted: VerifierKey | null,
): Promise<Signed | { readonly kind: "none" } | Wrong> {
  const stored = await log.newest();
  return stored === null ? { kind: "none" } : signedCheckpoint(log, trusted, stored);
}

export interface Signed {
  readonly kind: "signed";
  readonly stored: StoredCheckpoint;
  readonly checkpoint: Checkpoint;
}

export interface Wrong {
  readonly kind: "wrong";
  readonly finding: AuditFinding;
}

/** @param trusted a key that is trusted from elsewhere; null: those that the log itself names */
export async function signedCheckpoint(
  log: Pick<MerkleLog, "keys">,
  trusted: VerifierKey | null,
  stored: StoredCheckpoint,
): Promise<Signed | Wrong> {
  const keys = await log.keys();
  const believed =
    trusted === null
      ? keys.flatMap(({ vkey }) => parseVerifierKey(vkey) ?? [])
      : keysFollowing(
          trusted,
          keys.flatMap(({ vouched }) => vouched ?? []),
        );
  for (const key of believed) {
    const read = readCheckpoint(stored.note, key);
    if (read.kind !== "checkpoint") continue;
    const { checkpoint } = read;
    if (checkpoint.size === stored.size) return { kind: "signed", stored, checkpoint };
  }
  const expected = `a checkpoint of ${stored.size} entries, signed by a key of the log`;
  const finding = { revision: null, field: "log", expected, found: stored.note };
  return { kind: "wrong", finding: findingOf(null, finding) };
}

/** How many entries the log certainly had before an instant of the database's clock: its last checkpoint then. */
export async function sizeBefore(
  log: Pick<MerkleLog, "covering">,
  size: number,
  instant: EpochMs,
): Promise<number> {
  let [known, end] = [0, size];
  while (known < end) {
    const middle = known + Math.ceil((end - known) / 2);
    const checkpoint = await log.covering(middle);
    if (checkpoint !== null && checkpoint.time < instant) known = Math.max(middle, checkpoint.size);
    else end = middle - 1;
  }
  return Math.min(known, size);
}

/**
 * Goes through the positions behind `after` up to the checkpoint's size.
 * @throws {ArchiveDetached} where the month of an order was taken out
 */
export async function* auditLog(
  log: MerkleLog,
  checkpoint: Pick<Checkpoint, "size" | "root">,
  after: number,
): AsyncGenerator<LogAudit, void> {
  const kept = new Map<string, Tile>();
  let entries = 0;
  const first = after - (after % TILE);
  for (let from = first; from < checkpoint.size; from += TILE * AT_ONCE) {
    const limit = Math.min(TILE * AT_ONCE, checkpoint.size - from);
    const found = await log.entries(from, limit);
    const findings: AuditFinding[] = [];
    for (let start = from; start < from + limit; start += TILE) {
      const end = Math.min(start + TILE, checkpoint.size);
      const own = found.filter(({ position }) => position > start && position <= end);
      findings.push(...(await auditTile(log, checkpoint, { start, end, entries: own, kept })));
    }
    entries += limit;
    yield { entries, reached: from + limit, findings };
  }
}

interface TileEntries {
  /** Leaves from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
  readonly entries: readonly LoggedEntry[];
  readonly kept: Map<string, Tile>;
}

async function auditTile(
  log: MerkleLog,
  checkpoint: Pick<Checkpoint, "size" | "root">,
  tile: TileEntries,
): Promise<readonly AuditFinding[]> {
  const { start, end, entries, kept } = tile;
  const gaps = gapsIn(tile);
  if (gaps.length > 0) return gaps;
  const leaves = entries.flatMap(({ hash }) => (hash === null ? [] : [leafHash(hash)]));
  const own = { level: 0, index: start / TILE, hashes: Buffer.concat(leaves) };
  const { size, root } = checkpoint;
  const [leaf] = leaves;
  const others = tilesFor(inclusionParts(start, size)).filter((place) => !isAt(own, place));
  const path = await tilesAt(log, others, kept).then(
    (tiles) => inclusionProof(start, size, hashesIn([own, ...tiles])),
    () => null,
  );
  const isProven =
    path !== null &&
    leaf !== undefined &&
    leaves.length === end - start &&
    provesInclusion({ index: start, leaf, size, root, path });
  return isProven ? [] : changedIn(log, own, tile);
}

/** Positions that the feed lacks, and entries that are not there any more. */
function gapsIn({ start, end, entries }: TileEntries): readonly AuditFinding[] {
  const byPosition = new Map(entries.map((entry) => [entry.position, entry]));
  const findings: AuditFinding[] = [];
  for (let position = start + 1; position <= end; position += 1) {
    const entry = byPosition.get(position);
    if (entry === undefined) {
      const expected = `an entry at position ${position} of the feed`;
      findings.push(findingOf(null, { revision: null, field: "log", expected, found: "none" }));
    } else if (entry.hash === null) {
      const { orderId, revision } = entry;
      const absent = { revision, field: "line", expected: "the entry that was logged" };
      findings.push(findingOf(orderId, { ...absent, found: "none" }));
    }
  }
  return findings;
}

/** Those of a tile's entries that are not what was logged. None: the log's own hashes don't lead to what was signed. */
async function changedIn(
  log: MerkleLog,
  own: Tile,
  { start, end, entries }: TileEntries,
): Promise<readonly AuditFinding[]> {
  const stored = await log.tiles([own]).then(
    ([tile]) => tile?.hashes ?? NONE,
    () => NONE,
  );
  const changed = entries.flatMap(({ orderId, revision, position }, index) => {
    const at = index * HASH_BYTES;
    const logged = Buffer.from(stored.subarray(at, at + HASH_BYTES)).toString("hex");
    const found = Buffer.from(own.hashes.subarray(at, at + HASH_BYTES)).toString("hex");
    if (logged === found) return [];
    const expected = `the leaf ${logged || "that was logged"} at position ${position} of the log`;
    return [findingOf(orderId, { revision, field: "log", expected, found })];
  });
  if (changed.length > 0) return changed;
  const expected = `leaves ${start} to ${end - 1} of the log under the root that was signed`;
  const found = "tiles that don't lead there";
  return [findingOf(null, { revision: null, field: "log", expected, found })];
}

const NONE = new Uint8Array();
/** Most tiles ask for the same few above them and at the right edge. */
const KEPT = 512;

async function tilesAt(
  log: MerkleLog,
  places: readonly TilePlace[],
  kept: Map<string, Tile>,
): Promise<readonly Tile[]> {
  const nameOf = ({ level, index }: TilePlace): string => `${level}/${index}`;
  const unknown = places.filter((place) => !kept.has(nameOf(place)));
  const read = unknown.length === 0 ? [] : await log.tiles(unknown);
  const found = [...places.flatMap((place) => kept.get(nameOf(place)) ?? []), ...read];
  if (kept.size > KEPT) kept.clear();
  for (const tile of found) kept.set(nameOf(tile), tile);
  return found;
}

function isAt(tile: TilePlace, { level, index }: TilePlace): boolean {
  return tile.level === level && tile.index === index;
}
