/** The log: every entry of the feed once, in its place, whoever grows it; and what was signed is found again. */

import { sql } from "kysely";
import { describe, expect, test } from "vitest";

import { checkpointIn, grownLog } from "../../../src/audit/log/grow.ts";
import { signerOf } from "../../../src/audit/log/note-key.ts";
import { inclusionProof } from "../../../src/audit/log/proof.ts";
import { hashesIn, type TilePlace } from "../../../src/audit/log/tiles.ts";
import { leafOfLine } from "../../../src/audit/log/tree.ts";
import { provesInclusion } from "../../../src/audit/log/verify-proof.ts";
import type { Grown, GrowthRequest } from "../../../src/store/contracts/merkle-log.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenDatabase, OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers } from "../fixtures.ts";

const signer = signerOf("sevenstep/test", new Uint8Array(32).fill(1));
const other = signerOf("sevenstep/test", new Uint8Array(32).fill(2));
const keyOf = ({ verifier }: typeof signer) => ({
  ...{ keyId: verifier.id, vkey: verifier.text, vouched: null },
});
const DAY_MS = 86_400_000;

function growing(store: Store, wanted: Partial<GrowthRequest> = {}): Promise<Grown> {
  return store.log.grow({
    ...{ limit: 1_000, keyId: signer.verifier.id, known: null },
    grow: ({ last, ...growth }) => {
      const grown = grownLog({ ...growth, note: last?.note ?? null, root: null }, signer);
      const { tiles, checkpoint, note } = grown;
      const { size } = checkpoint;
      return {
        tiles,
        checkpoint: { size, time: growth.now, keyId: signer.verifier.id, note },
      };
    },
    ...wanted,
  });
}

async function sized(store: Store, wanted: Partial<GrowthRequest> = {}): Promise<number> {
  const grown = await growing(store, wanted);
  return grown.kind === "grown" ? grown.checkpoint.size : NaN;
}

/** Entries of three orders, numbered. */
async function entries(store: Store, count: number): Promise<void> {
  for (const number of numbers(count)) await advance(store, `o${number % 3}`);
  await store.feed.sequence(10_000);
}

/** Every entry of the feed has its leaf in the tree that the last checkpoint signs. @returns their places, as they stand */
export async function proven(store: Store): Promise<readonly string[]> {
  const newest = await store.log.newest();
  const checkpoint = checkpointIn(newest?.note ?? "");
  if (checkpoint === null) throw new Error("expected a checkpoint");
  const { size, root } = checkpoint;
  const tiles = await store.log.tiles(allTiles(size));
  const hashOf = hashesIn(tiles);
  const places: string[] = [];
  for (let after = 0; after < size;) {
    const page = await store.feed.read({ after, limit: 1_000, bytes: 1e9 }, everything);
    for (const { position, orderId, entry } of page.entries) {
      const index = position - 1;
      const path = inclusionProof(index, size, hashOf);
      const leaf = leafOfLine(entry.hash);
      if (!provesInclusion({ index, size, root, path, leaf })) throw new Error(`not ${position}`);
      places.push(`${orderId} ${entry.revision}`);
    }
    after = page.reached;
  }
  return places;
}

function allTiles(size: number): readonly TilePlace[] {
  const places: TilePlace[] = [];
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / 256)) {
    for (let index = 0; index * 256 < count; index += 1) places.push({ level, index });
  }
  return places;
}

export function logConforms(open: OpenStore, raw: OpenDatabase): void {
  describe("the log", () => {
    test("has no key at first, and is signed by none but its current one", async () => {
      const store = await open();
      await entries(store, 1);
      expect(await growing(store)).toEqual({ kind: "another-key", current: null });
      expect(await store.log.addKey(null, () => keyOf(signer))).toBe(true);
      expect(await store.log.addKey(null, () => keyOf(other))).toBe(false);
      const [current] = await store.log.keys();
      expect(current).toMatchObject({ ...keyOf(signer), since: 0 });
      expect(await growing(store, { keyId: other.verifier.id })).toEqual({
        ...{ kind: "another-key", current },
      });
      expect(await sized(store)).toBe(1);
      expect(await store.log.addKey(signer.verifier.id, () => keyOf(other))).toBe(true);
      expect((await store.log.keys()).map(({ since, keyId }) => [since, keyId])).toEqual([
        [0, signer.verifier.id],
        [1, other.verifier.id],
      ]);
      expect((await growing(store)).kind).toBe("idle");
      await entries(store, 1);
      expect((await growing(store)).kind).toBe("another-key");
    });

    test("grows by what is new, a few at a time, and proves every entry in its place", async () => {
      const store = await open();
      await store.log.addKey(null, () => keyOf(signer));
      expect(await growing(store)).toEqual({ kind: "idle" });
      expect(await store.log.newest()).toBeNull();
      await entries(store, 300);
      expect(await store.backlog()).toMatchObject({ logPending: 300 });
      const sizes: number[] = [];
      for (const limit of [1, 2, 200, 1_000]) sizes.push(await sized(store, { limit }));
      expect(sizes).toEqual([1, 3, 203, 300]);
      expect(await store.backlog()).toMatchObject({ logPending: 0 });
      expect(await growing(store)).toEqual({ kind: "idle" });
      expect(await proven(store)).toHaveLength(300);
      const kept = await store.log.checkpoints(1, 2);
      expect(kept.map(({ size }) => size)).toEqual([3, 203]);
      const before = await store.log.checkpointsBefore(203, 5);
      expect(before.map(({ size }) => size)).toEqual([3, 1]);
      expect((await store.log.covering(4))?.size).toBe(203);
      expect(await store.log.covering(301)).toBeNull();
      await expect(store.log.tiles([{ level: 0, index: 2 }])).rejects.toThrow("tile 2 of level 0");
    });

    test("leaves nothing behind of a round that fails", async () => {
      const store = await open();
      await store.log.addKey(null, () => keyOf(signer));
      await entries(store, 3);
      const grow = (): never => {
        throw new Error("no ink");
      };
      await expect(growing(store, { grow })).rejects.toThrow("no ink");
      expect(await store.log.newest()).toBeNull();
      expect(await sized(store)).toBe(3);
    });

    test("goes on from what a server remembers only if the log is still of that size", async () => {
      const store = await open();
      await store.log.addKey(null, () => keyOf(signer));
      await entries(store, 3);
      await sized(store, { limit: 2 });
      const tiles = await store.log.tiles([{ level: 0, index: 0 }]);
      await sized(store);
      await entries(store, 3);
      expect(await sized(store, { known: { size: 2, edge: tiles } })).toBe(6);
      expect(await proven(store)).toHaveLength(6);
    });

    test("is not signed over tiles that were altered", async () => {
      const store = await open();
      const { db } = await raw();
      await store.log.addKey(null, () => keyOf(signer));
      await entries(store, 3);
      await sized(store);
      await sql`update log_tiles set hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40))`.execute(
        db,
      );
      await entries(store, 1);
      await expect(growing(store)).rejects.toThrow("not the one that was signed");
    });

    test("never goes past an entry that is not there", async () => {
      const store = await open();
      const { db } = await raw();
      await store.log.addKey(null, () => keyOf(signer));
      await entries(store, 3);
      await sql`delete from entries where order_id = 'o2'`.execute(db);
      await expect(growing(store)).rejects.toThrow(
        "position 2 of the feed is missing: revision 1 of order o2",
      );
      expect(await store.log.newest()).toBeNull();
      await sql`delete from feed where position = 1`.execute(db);
      await expect(growing(store)).rejects.toThrow("position 1 of the feed is missing.");
    });

    test("finds the place of every entry, wherever the search begins", async () => {
      const store = await open();
      await store.log.addKey(null, () => keyOf(signer));
      for (const _ of numbers(4)) {
        await entries(store, 5);
        await sized(store);
      }
      const { entries: all } = await store.feed.read(
        { after: 0, limit: 100, bytes: 1e6 },
        everything,
      );
      expect(all).toHaveLength(20);
      const now = await store.now();
      for (const { orderId, position, entry } of all) {
        for (const near of [entry.at, 0, now + DAY_MS]) {
          expect(await store.log.position(orderId, entry.revision, near)).toBe(position);
        }
      }
      expect(await store.log.position("o1", 99, now)).toBeNull();
    });

    test("forgets all checkpoints of a day ago but the last of each minute", async () => {
      const store = await open();
      const { db } = await raw();
      await store.log.addKey(null, () => keyOf(signer));
      await entries(store, 4);
      for (const _ of numbers(4)) await sized(store, { limit: 1 });
      const minute = Math.floor(((await store.now()) - 1.5 * DAY_MS) / 60_000) * 60_000;
      for (const [size, ms] of [
        [1, 1],
        [2, 59_999],
        [3, 60_000],
      ] as const) {
        const time = new Date(minute + ms).toISOString();
        await sql`update log_checkpoints set time = ${time} where size = ${size}`.execute(db);
      }
      expect(await store.log.thin()).toBe(1);
      expect(await store.log.thin()).toBe(0);
      const kept = await store.log.checkpoints(0, 10);
      expect(kept.map(({ size }) => size)).toEqual([2, 3, 4]);
    });

    test("tells the webhooks that name its checkpoints, and no others, until too many wait", async () => {
      const store = await open();
      await store.log.addKey(null, () => keyOf(signer));
      for (const [id, events] of [
        ["w1", ["sevenstep.log.checkpoint"]],
        ["w2", ["sevenstep.*"]],
      ] as const) {
        const webhook = { id, events, url: "https://example.com/", description: null };
        const by = { roles: ["admin"], centres: "*", createdBy: "test", sealed: "s" } as const;
        await store.webhooks.create({ ...webhook, ...by }, 10);
      }
      await entries(store, 70);
      for (const _ of numbers(70)) await sized(store, { limit: 1 });
      const told = await store.deliveries.list("w1", { limit: 100 });
      expect(told.items).toHaveLength(60);
      const others = await store.deliveries.list("w2", { limit: 100 });
      expect(others.items).toHaveLength(70);
      expect(others.items.filter(({ orderId }) => orderId === "w2")).toEqual([]);
      const claimed = await store.deliveries.claim({
        ...{ free: new Map(), each: 200, limit: 200, leaseMs: 60_000 },
      });
      const [first] = await store.log.checkpoints(0, 1);
      expect(claimed.find(({ type }) => type === "sevenstep.log.checkpoint")).toMatchObject({
        ...{
          id: "checkpoint_1",
          type: "sevenstep.log.checkpoint",
          subject: first?.note,
          order: null,
        },
      });
    });
  });
}
