/**
 * The Merkle tree over a growing list, as RFC 6962 2.1 hashes it: the leaves as they are numbered, from the left, the right
 * edge as it falls. Any part of it is put together of complete subtrees, whose hashes never change once they are full.
 */

import { hash } from "node:crypto";

/** 32 bytes. */
export type Hash = Uint8Array;

/** The complete subtree over the leaves from `index * 2^level` to before `(index + 1) * 2^level`. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** The leaves from `start` to before `end`. */
export interface Leaves {
  readonly start: number;
  readonly end: number;
}

export type HashOf = (subtree: Subtree) => Hash;

export const HASH_BYTES = 32;

/** Of a leaf: SHA-256(0x00 || data). */
export function leafHash(data: Uint8Array): Hash {
  const bytes = new Uint8Array(1 + data.length);
  bytes.set(data, 1);
  return hash("sha256", bytes, "buffer");
}

/** The leaf that stands for a history line is the SHA-256 of the line: its 32 bytes, hashed as a leaf. */
export function leafOfLine(lineHash: string): Hash {
  return leafHash(Buffer.from(lineHash, "hex"));
}

/** Node is one thread and a hash is made at once: the bytes of the one before are not needed any more. */
const pair = new Uint8Array(1 + 2 * HASH_BYTES);
pair[0] = 0x01;

/** Of an inner node: SHA-256(0x01 || left || right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash("sha256", pair, "buffer");
}

/** Of a tree of so many leaves. */
export function rootOf(size: number, hashOf: HashOf): Hash {
  return hashOfLeaves({ start: 0, end: size }, hashOf);
}

/** Of leaves that RFC 6962 hashes together: the start is a multiple of the power of two that holds them all. */
export function hashOfLeaves(leaves: Leaves, hashOf: HashOf): Hash {
  // From the right: the smaller subtrees are hashed together before the larger one on their left.
  const folded = subtreesOf(leaves).reduceRight<Hash | null>(
    (right, subtree) => (right === null ? hashOf(subtree) : nodeHash(hashOf(subtree), right)),
    null,
  );
  return folded ?? hash("sha256", new Uint8Array(), "buffer");
}

/** The complete subtrees that cover the leaves, from the left and thus the largest first. */
export function subtreesOf({ start, end }: Leaves): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end;) {
    const level = levelIn(end - at);
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The largest power of two that is smaller than a number over one. */
export function splitOf(count: number): number {
  return 2 ** levelIn(count - 1);
}

/** Of the largest power of two up to a count. Not by `Math.log2`, which rounds up when counts grow large. */
function levelIn(count: number): number {
  let level = 0;
  while (2 ** (level + 1) <= count) level += 1;
  return level;
}
