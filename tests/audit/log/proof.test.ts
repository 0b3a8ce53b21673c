/** Trees and proofs: roots are those that others compute, every proof is accepted, and none that was changed. */

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { consistencyProof, inclusionParts, inclusionProof } from "../../../src/audit/log/proof.ts";
import { appended, edgeOf, hashesIn, type Tile } from "../../../src/audit/log/tiles.ts";
import {
  hashOfLeaves,
  leafHash,
  leafOfLine,
  rootOf,
  splitOf,
  type Hash,
  type HashOf,
} from "../../../src/audit/log/tree.ts";
import { provesConsistency, provesInclusion } from "../../../src/audit/log/verify-proof.ts";

/** The eight leaves with which implementations of RFC 6962 are tested. */
const KNOWN = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const KNOWN_ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const leafOf = (index: number): Hash => leafHash(Buffer.from(`leaf ${index}`));
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString("hex");

/** RFC 6962 2.1 word by word, over all leaves. */
function wordByWord(leaves: readonly Hash[]): Hash {
  const [first] = leaves;
  if (first === undefined) return createHash("sha256").digest();
  if (leaves.length === 1) return first;
  const split = splitOf(leaves.length);
  const [left, right] = [wordByWord(leaves.slice(0, split)), wordByWord(leaves.slice(split))];
  return createHash("sha256").update(Uint8Array.of(1)).update(left).update(right).digest();
}

const leavesOf = (size: number): readonly Hash[] =>
  Array.from({ length: size }, (_, at) => leafOf(at));

function overLeaves(leaves: readonly Hash[]): HashOf {
  return ({ level, index }) =>
    wordByWord(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
}

function changed(hash: Hash, at: number): Hash {
  const bytes = Uint8Array.from(hash);
  bytes[at % 32] = (bytes[at % 32] ?? 0) ^ (1 + (at % 255));
  return bytes;
}

describe("rootOf", () => {
  test("is what other implementations of RFC 6962 compute", () => {
    const leaves = KNOWN.map((data) => leafHash(Buffer.from(data, "hex")));
    const roots = KNOWN_ROOTS.map((_, size) =>
      hex(rootOf(size, overLeaves(leaves.slice(0, size)))),
    );
    expect(roots).toEqual(KNOWN_ROOTS);
  });

  test("is hashed as RFC 6962 words it, at any size", () => {
    const size = fc.integer({ min: 0, max: 600 });
    fc.assert(
      fc.property(size, (count) => {
        const leaves = leavesOf(count);
        expect(hex(rootOf(count, overLeaves(leaves)))).toBe(hex(wordByWord(leaves)));
      }),
      { numRuns: 30 },
    );
  });

  test("takes a line by the 32 bytes of its hash", () => {
    const lineHash = createHash("sha256").update("{}").digest();
    expect(hex(leafOfLine(hex(lineHash)))).toBe(hex(leafHash(lineHash)));
  });

  test("divides counts that floating point would round", () => {
    expect(splitOf(2 ** 50)).toBe(2 ** 49);
    expect(splitOf(2 ** 50 + 1)).toBe(2 ** 50);
    expect(splitOf(2 ** 52 - 1)).toBe(2 ** 51);
    expect(inclusionParts(0, 2 ** 52 - 1)).toHaveLength(52);
  });
});

const PLACES = fc
  .integer({ min: 1, max: 70 })
  .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })));

describe("an inclusion proof", () => {
  test("proves its leaf at its place in its tree, and nothing else", () => {
    fc.assert(
      fc.property(PLACES, fc.nat(), ([size, index], noise) => {
        const hashOf = overLeaves(leavesOf(size));
        const path = inclusionProof(index, size, hashOf);
        const right = { index, size, path, leaf: leafOf(index), root: rootOf(size, hashOf) };
        expect(provesInclusion(right)).toBe(true);
        expect(provesInclusion({ ...right, leaf: changed(right.leaf, noise) })).toBe(false);
        expect(provesInclusion({ ...right, root: changed(right.root, noise) })).toBe(false);
        expect(provesInclusion({ ...right, path: [...path, right.leaf] })).toBe(false);
        expect(provesInclusion({ ...right, path: path.slice(1) })).toBe(path.length === 0);
        if (path.length > 0)
          expect(provesInclusion({ ...right, path: path.slice(0, -1) })).toBe(false);
        for (const at of path.keys()) {
          const other = path.with(at, changed(leafOf(at), noise));
          expect(provesInclusion({ ...right, path: other })).toBe(false);
          expect(provesInclusion({ ...right, path: path.with(at, Uint8Array.of(1)) })).toBe(false);
        }
        for (let other = 0; other < size; other += 1) {
          if (other !== index) expect(provesInclusion({ ...right, index: other })).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("is refused for what is no place at all", () => {
    const leaf = leafOf(0);
    const one = { index: 0, size: 1, leaf, root: leaf, path: [] };
    expect(provesInclusion(one)).toBe(true);
    for (const wrong of [-1, 1, 0.5, NaN, Infinity]) {
      expect(provesInclusion({ ...one, index: wrong })).toBe(false);
    }
    for (const wrong of [-1, 0, 0.5, NaN, Infinity]) {
      expect(provesInclusion({ ...one, size: wrong })).toBe(false);
    }
    expect(() => inclusionProof(3, 3, overLeaves([]))).toThrow(RangeError);
  });
});

describe("a consistency proof", () => {
  test("proves that a tree goes on from its own beginning, and from no other", () => {
    fc.assert(
      fc.property(PLACES, fc.nat(), ([size, index], noise) => {
        const from = index + 1;
        const leaves = leavesOf(size);
        const path = consistencyProof(from, size, overLeaves(leaves));
        const older = { size: from, root: wordByWord(leaves.slice(0, from)) };
        const newer = { size, root: wordByWord(leaves) };
        expect(provesConsistency({ older, newer, path })).toBe(true);
        const other = wordByWord(leaves.slice(0, from).with(noise % from, leafOf(-1)));
        expect(provesConsistency({ older: { ...older, root: other }, newer, path })).toBe(false);
        const rewritten = { size, root: changed(newer.root, noise) };
        expect(provesConsistency({ older, newer: rewritten, path })).toBe(false);
        expect(provesConsistency({ older, newer, path: [...path, other] })).toBe(false);
        if (path.length > 0) {
          expect(provesConsistency({ older, newer, path: path.slice(1) })).toBe(false);
          expect(provesConsistency({ older, newer, path: path.slice(0, -1) })).toBe(false);
        }
        for (const at of path.keys()) {
          const wrong = path.with(at, changed(leafOf(at), noise));
          expect(provesConsistency({ older, newer, path: wrong })).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("tiles", () => {
  test("grow by any portions to the same tree, and give every proof of it", () => {
    const portions = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(portions, fc.nat(), (counts, noise) => {
        const tiles = new Map<string, Tile>();
        let size = 0;
        for (const count of counts) {
          const leaves = Array.from({ length: count }, (_, at) => leafOf(size + at));
          const edge = edgeOf(size).map(({ level, index }) => tiles.get(`${level}/${index}`));
          const known = edge.filter((tile) => tile !== undefined);
          for (const tile of appended(size, known, leaves))
            tiles.set(`${tile.level}/${tile.index}`, tile);
          size += count;
        }
        const hashOf = hashesIn([...tiles.values()]);
        const root = wordByWord(leavesOf(size));
        expect(hex(rootOf(size, hashOf))).toBe(hex(root));
        const index = noise % size;
        const path = inclusionProof(index, size, hashOf);
        expect(provesInclusion({ index, size, root, path, leaf: leafOf(index) })).toBe(true);
        const newest = edgeOf(size).map(({ level, index: at }) => tiles.get(`${level}/${at}`));
        const edge = newest.filter((tile) => tile !== undefined);
        expect(hex(rootOf(size, hashesIn(edge)))).toBe(hex(root));
      }),
      { numRuns: 20 },
    );
  });

  test("of 70,000 leaves have three levels, and only the edge is needed for the root", () => {
    const leaves = leavesOf(70_000);
    const tiles = appended(0, [], leaves);
    expect(Math.max(...tiles.map(({ level }) => level))).toBe(2);
    expect(edgeOf(70_000)).toEqual([
      { level: 0, index: 273 },
      { level: 1, index: 1 },
      { level: 2, index: 0 },
    ]);
    const hashOf = hashesIn(tiles);
    const root = hashOfLeaves({ start: 0, end: 70_000 }, hashOf);
    const path = inclusionProof(65_535, 70_000, hashOf);
    expect(provesInclusion({ index: 65_535, size: 70_000, root, path, leaf: leafOf(65_535) })).toBe(
      true,
    );
  });

  test("that are missing or short are named", () => {
    const tiles = appended(0, [], leavesOf(3));
    expect(() => rootOf(4, hashesIn(tiles))).toThrow("Expected 4 hashes in tile 0 of level 0");
    expect(() => rootOf(257, hashesIn(tiles))).toThrow(
      "Expected 1 hashes in tile 1 of level 0 of the log, found 0.",
    );
  });
});
