/** Proofs from the tree of a log (RFC 6962 2.1.1, 2.1.2): that it holds a leaf, and that a larger one goes on from a smaller. */

import { hashOfLeaves, splitOf, type Hash, type HashOf, type Leaves } from "./tree.ts";

/**
 * That a leaf stands at an index of the tree of so many leaves.
 * @param index counted from 0, and smaller than `size`
 */
export function inclusionProof(index: number, size: number, hashOf: HashOf): readonly Hash[] {
  return inclusionParts(index, size).map((leaves) => hashOfLeaves(leaves, hashOf));
}

/**
 * That the tree of `from` leaves is the beginning of the tree of `size` leaves.
 * @param from from 1 to `size`
 */
export function consistencyProof(from: number, size: number, hashOf: HashOf): readonly Hash[] {
  return consistencyParts(from, size).map((leaves) => hashOfLeaves(leaves, hashOf));
}

/** What an inclusion proof hashes, the leaf's neighbour first. */
export function inclusionParts(index: number, size: number): readonly Leaves[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`expected an index below ${size}, found ${index}`);
  }
  const parts: Leaves[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      parts.push({ start: middle, end });
      end = middle;
    } else {
      parts.push({ start, end: middle });
      start = middle;
    }
  }
  return parts.toReversed();
}

/** What a consistency proof hashes. */
export function consistencyParts(from: number, size: number): readonly Leaves[] {
  if (!Number.isSafeInteger(from) || from < 1 || from > size) {
    throw new RangeError(`expected a size from 1 to ${size}, found ${from}`);
  }
  const parts: Leaves[] = [];
  let [start, end] = [0, size];
  /** Whoever asks knows the hash of the smaller tree; of a part of it, not. */
  let isKnown = true;
  while (end !== from) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      parts.push({ start: middle, end });
      end = middle;
    } else {
      parts.push({ start, end: middle });
      start = middle;
      isKnown = false;
    }
  }
  if (!isKnown) parts.push({ start, end });
  return parts.toReversed();
}
