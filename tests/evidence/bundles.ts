/** A log over many histories, as servers would have written it at once, and the bundle of each of them. */

import { bundleText, type Bundle } from "../../src/audit/evidence/bundle.ts";
import { makeBundle } from "../../src/audit/evidence/make-bundle.ts";
import { bundleReadme } from "../../src/audit/evidence/readme.ts";
import { hashLine } from "../../src/audit/entry.ts";
import { signCheckpoint } from "../../src/audit/log/checkpoint.ts";
import { signerOf, type SignerKey } from "../../src/audit/log/note-key.ts";
import { inclusionProof } from "../../src/audit/log/proof.ts";
import { leafOfLine, nodeHash, rootOf, type Hash, type HashOf } from "../../src/audit/log/tree.ts";
import type { SealedRow } from "../../src/audit/seal.ts";
import type { History } from "./histories.ts";
import { createDice, type Dice } from "./random.ts";

export const ORIGIN = "sevenstep.example/evidence";
/** Of the log, and of somebody who calls a log of his own the same. */
export const SIGNER = signerOf(ORIGIN, new Uint8Array(32).fill(7));
export const FORGER = signerOf(ORIGIN, new Uint8Array(32).fill(8));

export interface EvidenceLog {
  readonly size: number;
  /** Of every entry: position in the log by the SHA-256 of its line. */
  readonly positions: ReadonlyMap<string, number>;
  readonly hashOf: HashOf;
}

/** The entries of all histories in one line, each history's in order, between each other's by chance. */
export function logOver(histories: readonly Pick<History, "lines">[], dice: Dice): EvidenceLog {
  const waiting = histories.map(({ lines }) => ({ lines, taken: 0 }));
  const leaves: Hash[] = [];
  const positions = new Map<string, number>();
  while (waiting.length > 0) {
    const at = dice.roll(waiting.length);
    const next = waiting[at];
    const line = next?.lines[next.taken];
    if (next === undefined || line === undefined) {
      waiting.splice(at, 1);
      continue;
    }
    next.taken += 1;
    const hash = hashLine(line);
    leaves.push(leafOfLine(hash));
    positions.set(hash, leaves.length);
  }
  return { size: leaves.length, positions, hashOf: hashesOver(leaves) };
}

function hashesOver(leaves: readonly Hash[]): HashOf {
  const levels: Hash[][] = [[...leaves]];
  for (let below = levels[0]; below !== undefined && below.length > 1; below = levels.at(-1)) {
    const above: Hash[] = [];
    for (let at = 0; at + 1 < below.length; at += 2) {
      const [left, right] = [below[at], below[at + 1]];
      if (left !== undefined && right !== undefined) above.push(nodeHash(left, right));
    }
    levels.push(above);
  }
  return ({ level, index }) => {
    const hash = levels[level]?.[index];
    if (hash === undefined) throw new Error(`no subtree ${index} of level ${level}`);
    return hash;
  };
}

/** The log's state when it had so many entries. */
export function noteOf({ hashOf }: EvidenceLog, size: number, signer: SignerKey = SIGNER): string {
  const time = new Date(Date.UTC(2026, 11, 1) + size).toISOString();
  return signCheckpoint({ origin: ORIGIN, size, root: rootOf(size, hashOf), time }, signer);
}

export interface Wanted {
  /** How many of its entries; absent: all. */
  readonly entries?: number;
  /** Of the checkpoint; absent: the whole log. */
  readonly size?: number;
  readonly values?: readonly SealedRow[];
  readonly signer?: SignerKey;
}

/** @throws {RangeError} when the checkpoint is older than the last entry */
export function bundleOf(history: History, log: EvidenceLog, wanted: Wanted = {}): Bundle {
  const { order, definitions } = history;
  const lines = history.lines.slice(0, wanted.entries);
  const entries = history.entries.slice(0, wanted.entries);
  const size = wanted.size ?? log.size;
  const position = log.positions.get(hashLine(lines.at(-1) ?? "")) ?? 0;
  return makeBundle({
    ...{ order, origin: ORIGIN, lines, entries, definitions },
    values: wanted.values ?? history.values,
    proof: { position, size, path: inclusionProof(position - 1, size, log.hashOf) },
    note: noteOf(log, size, wanted.signer),
    readme: bundleReadme(),
  });
}

/** Some of the values, as a list or a role discloses them; none: of somebody who was erased. */
export function someOf(values: readonly SealedRow[], seed: number): readonly SealedRow[] {
  const dice = createDice(seed);
  const share = dice.roll(4);
  return values.filter(() => dice.roll(3) < share);
}

export function bytesOf(bundle: Bundle): Buffer {
  return Buffer.from(bundleText(bundle));
}
