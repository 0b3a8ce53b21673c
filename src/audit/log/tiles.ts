/**
 * The tree of a log as tiles (https://c2sp.org/tlog-tiles): each holds up to 256 hashes of one level in eight, in order; the
 * levels between follow from them. A tile that is full never changes, so what a log writes is its right edge.
 */

import { HASH_BYTES, nodeHash, type Hash, type HashOf, type Leaves, type Subtree } from "./tree.ts";
import { subtreesOf } from "./tree.ts";

export interface TilePlace {
  /** 0: hashes of leaves; each one over it is of 256 of those below. */
  readonly level: number;
  readonly index: number;
}

export interface Tile extends TilePlace {
  /** One behind the other, 32 bytes each. */
  readonly hashes: Uint8Array;
}

/** A tile that the log must have by its size is not there, or too short: somebody took it away. */
export class TileMissing extends Error {
  override readonly name = "TileMissing";
  constructor({ level, index }: TilePlace, expected: number, found: number) {
    super(
      `Expected ${expected} hashes in tile ${index} of level ${level} of the log, found ${found}.`,
    );
  }
}

const WIDTH = 256;
/** 256 leaves are eight levels of a tree. */
const HEIGHT = 8;

/** Where the next hash of each level goes, for a log of so many entries: what must be known to append to it. */
export function edgeOf(size: number): readonly TilePlace[] {
  const places: TilePlace[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / WIDTH)) {
    if (count % WIDTH > 0) places.push({ level, index: Math.floor(count / WIDTH) });
  }
  return places;
}

/**
 * The tiles that change when leaves are appended, as they are then.
 * @param edge the tiles at `edgeOf(size)`
 */
export function appended(
  size: number,
  edge: readonly Tile[],
  leaves: readonly Hash[],
): readonly Tile[] {
  const changed: Tile[] = [];
  let added = leaves;
  for (let level = 0, count = size; added.length > 0; level += 1) {
    const parents: Hash[] = [];
    let index = Math.floor(count / WIDTH);
    const last = count % WIDTH === 0 ? NONE : tileAt(edge, { level, index }).hashes;
    let hashes = last.subarray(0, (count % WIDTH) * HASH_BYTES);
    let taken = 0;
    while (taken < added.length) {
      const room = WIDTH - hashes.length / HASH_BYTES;
      const more = added.slice(taken, taken + room);
      taken += more.length;
      hashes = Buffer.concat([hashes, ...more]);
      changed.push({ level, index, hashes });
      if (hashes.length < WIDTH * HASH_BYTES) break;
      parents.push(folded(hashes));
      hashes = NONE;
      index += 1;
    }
    added = parents;
    count = Math.floor(count / WIDTH);
  }
  return changed;
}

const NONE: Uint8Array = new Uint8Array();

/** The tiles that are needed to hash these parts of a tree. */
export function tilesFor(parts: readonly Leaves[]): readonly TilePlace[] {
  const places = new Map<string, TilePlace>();
  for (const { level, index } of parts.flatMap(subtreesOf).map(placeOf)) {
    places.set(`${level}/${index}`, { level, index });
  }
  return [...places.values()];
}

/** @throws {TileMissing} for a subtree whose tile is not among these, or does not reach so far */
export function hashesIn(tiles: readonly Tile[]): HashOf {
  return (subtree) => {
    const { first, count, ...place } = placeOf(subtree);
    const { hashes } = tileAt(tiles, place);
    if (hashes.length < (first + count) * HASH_BYTES) {
      throw new TileMissing(place, first + count, hashes.length / HASH_BYTES);
    }
    return folded(hashes.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES));
  };
}

function tileAt(tiles: readonly Tile[], { level, index }: TilePlace): Tile {
  const tile = tiles.find((each) => each.level === level && each.index === index);
  if (tile === undefined) throw new TileMissing({ level, index }, 1, 0);
  return tile;
}

/** In which tile a subtree lies, and over which of its hashes. */
function placeOf({ level, index }: Subtree): TilePlace & { first: number; count: number } {
  const count = 2 ** (level % HEIGHT);
  const start = index * count;
  return {
    level: Math.floor(level / HEIGHT),
    index: Math.floor(start / WIDTH),
    first: start % WIDTH,
    count,
  };
}

/** The root over a power of two of hashes. */
function folded(hashes: Uint8Array): Hash {
  let row: Hash[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    row.push(hashes.subarray(at, at + HASH_BYTES));
  }
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let at = 0; at < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      if (left !== undefined && right !== undefined) above.push(nodeHash(left, right));
    }
    row = above;
  }
  return row[0] ?? NONE;
}
