/**
 * Holds proofs against the roots that a log has signed, as RFC 9162 2.1.3.2 and 2.1.4.2 word it (the trees are those of
 * RFC 6962). A proof has one length and one content: nothing can be left out, added or exchanged.
 */

import { HASH_BYTES, nodeHash, type Hash } from "./tree.ts";

export interface Inclusion {
  /** Counted from 0. */
  readonly index: number;
  readonly leaf: Hash;
  readonly size: number;
  readonly root: Hash;
  readonly path: readonly Hash[];
}

export interface Consistency {
  readonly older: { readonly size: number; readonly root: Hash };
  readonly newer: { readonly size: number; readonly root: Hash };
  readonly path: readonly Hash[];
}

/** Whether the leaf stands at the index in the tree of that root. */
export function provesInclusion({ index, leaf, size, root, path }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (![leaf, root, ...path].every(isHash)) return false;
  let [at, last] = [index, size - 1];
  let found = leaf;
  for (const hash of path) {
    if (last === 0) return false;
    if (isRight(at) || at === last) {
      found = nodeHash(hash, found);
      [at, last] = withoutPromotion(at, last);
    } else {
      found = nodeHash(found, hash);
    }
    [at, last] = [parent(at), parent(last)];
  }
  return last === 0 && areEqual(found, root);
}

/** Whether the newer tree begins with the leaves of the older one. An empty tree is the beginning of any. */
export function provesConsistency({ older, newer, path }: Consistency): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (![older.root, newer.root, ...path].every(isHash)) return false;
  if (older.size === newer.size) return path.length === 0 && areEqual(older.root, newer.root);
  if (older.size === 0) return path.length === 0;
  let [at, last] = [older.size - 1, newer.size - 1];
  while (isRight(at)) [at, last] = [parent(at), parent(last)];
  // A smaller tree that is complete is a node of the larger one: its hash is known, and not told again.
  const [first, ...rest] = at === 0 ? [older.root, ...path] : path;
  if (first === undefined) return false;
  let [small, large] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (isRight(at) || at === last) {
      small = nodeHash(hash, small);
      large = nodeHash(hash, large);
      [at, last] = withoutPromotion(at, last);
    } else {
      large = nodeHash(large, hash);
    }
    [at, last] = [parent(at), parent(last)];
  }
  return last === 0 && areEqual(small, older.root) && areEqual(large, newer.root);
}

/** Goes up where a node at the right edge has no sibling: there is no hash to be told. */
function withoutPromotion(at: number, last: number): [number, number] {
  let [up, edge] = [at, last];
  while (!isRight(up) && up !== 0) [up, edge] = [parent(up), parent(edge)];
  return [up, edge];
}

/** Not by bits: these are 32 at most in JavaScript. */
function isRight(index: number): boolean {
  return index % 2 === 1;
}

function parent(index: number): number {
  return Math.floor(index / 2);
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

function isHash(hash: Hash): boolean {
  return hash.length === HASH_BYTES;
}

/** Nothing here is secret. */
function areEqual(one: Hash, other: Hash): boolean {
  return Buffer.compare(one, other) === 0;
}
