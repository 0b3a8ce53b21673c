/** Conformance: an API key is good for whom and as long as it says, shows to whom it may, and is gone when revoked. */

import { describe, expect, test } from "vitest";

import type { ApiKeys, NewApiKey } from "../../../src/store/contracts/api-keys.ts";
import type { Scope } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { everything, numbers } from "../fixtures.ts";

const shanghai: Scope = { centres: ["sh-01", "sh-02"] };

function newKey(id: string, more: Partial<NewApiKey> = {}): NewApiKey {
  return {
    ...{ id, name: `for ${id}`, roles: ["worker"], centres: ["sh-01"], secretHash: `hash-${id}` },
    ...{ createdBy: "ann", expiresInMs: null, ...more },
  };
}

/** A store whose clock stands where a test puts it. */
async function standing(open: OpenStore) {
  const hand = { now: Date.parse("2026-11-22T08:00:00Z") };
  const { apiKeys } = await open({ clock: () => hand.now });
  const pass = (ms: number): void => {
    hand.now += ms;
  };
  const hashes = async (id: string) => (await apiKeys.use(id))?.hashes ?? null;
  return { apiKeys, hand, pass, hashes };
}

const ids = async (keys: ApiKeys, scope: Scope): Promise<readonly string[]> =>
  (await keys.list({ limit: 50 }, scope)).items.map(({ id }) => id);

export function apiKeysConform(open: OpenStore): void {
  describe("an API key", () => {
    test("is kept as it was made, and tells its holder what it may do", async () => {
      const { apiKeys, hand } = await standing(open);
      const stored = await apiKeys.create(newKey("k1", { expiresInMs: 5_000 }));
      expect(stored).toEqual({
        ...{ id: "k1", name: "for k1", roles: ["worker"], centres: ["sh-01"], createdBy: "ann" },
        ...{ createdAt: hand.now, expiresAt: hand.now + 5_000, rotatedAt: null },
        ...{ previousUntil: null, lastUsedAt: null },
      });
      expect(await apiKeys.get("k1", everything)).toEqual(stored);
      expect(await apiKeys.use("k1")).toEqual({
        ...{ roles: ["worker"], centres: ["sh-01"], hashes: ["hash-k1"], endsInMs: 5_000 },
      });
      await apiKeys.create(newKey("k2", { centres: null, roles: ["worker", "system"] }));
      expect(await apiKeys.use("k2")).toMatchObject({
        ...{ roles: ["worker", "system"], centres: null, endsInMs: null },
      });
      expect(await apiKeys.use("k3")).toBeNull();
    });

    test("is good to the instant of its end", async () => {
      const { apiKeys, pass } = await standing(open);
      await apiKeys.create(newKey("k1", { expiresInMs: 5_000 }));
      pass(4_999);
      expect(await apiKeys.use("k1")).toMatchObject({ endsInMs: 1 });
      pass(1);
      expect(await apiKeys.use("k1")).toBeNull();
      expect(await ids(apiKeys, everything)).toEqual(["k1"]);
    });

    test("rotated keeps the secret before for the overlap, and never the one before that", async () => {
      const { apiKeys, hand, pass, hashes } = await standing(open);
      await apiKeys.create(newKey("k1"));
      const rotated = await apiKeys.rotate(
        "k1",
        { secretHash: "two", overlapMs: 1_000 },
        everything,
      );
      expect(rotated).toMatchObject({ rotatedAt: hand.now, previousUntil: hand.now + 1_000 });
      expect(await apiKeys.use("k1")).toMatchObject({
        ...{ hashes: ["two", "hash-k1"], endsInMs: 1_000 },
      });
      pass(500);
      await apiKeys.rotate("k1", { secretHash: "three", overlapMs: 1_000 }, everything);
      expect(await hashes("k1")).toEqual(["three", "two"]);
      pass(1_000);
      expect(await hashes("k1")).toEqual(["three"]);
      await apiKeys.rotate("k1", { secretHash: "four", overlapMs: 0 }, everything);
      expect(await hashes("k1")).toEqual(["four"]);
    });

    test("revoked is good for nothing, shows to nobody, and is not revoked again", async () => {
      const { apiKeys } = await standing(open);
      await apiKeys.create(newKey("k1"));
      expect(await apiKeys.revoke("k1", "bo", everything)).toBe(true);
      expect(await apiKeys.use("k1")).toBeNull();
      expect(await apiKeys.get("k1", everything)).toBeNull();
      expect(await ids(apiKeys, everything)).toEqual([]);
      expect(await apiKeys.rotate("k1", { secretHash: "x", overlapMs: 0 }, everything)).toBeNull();
      expect(await apiKeys.revoke("k1", "bo", everything)).toBe(false);
    });

    test("notes its use to the minute", async () => {
      const { apiKeys, hand, pass } = await standing(open);
      const lastUsed = async () => (await apiKeys.get("k1", everything))?.lastUsedAt ?? null;
      await apiKeys.create(newKey("k1"));
      await apiKeys.use("k1");
      const first = hand.now;
      expect(await lastUsed()).toBe(first);
      pass(60_000);
      await apiKeys.use("k1");
      expect(await lastUsed()).toBe(first);
      pass(1);
      await Promise.all(numbers(5).map(() => apiKeys.use("k1")));
      expect(await lastUsed()).toBe(first + 60_001);
    });

    test("shows to whoever reaches all of what it reaches, and to no one else", async () => {
      const { apiKeys, pass } = await standing(open);
      const centres = { one: ["sh-01"], both: ["sh-01", "sh-02"], more: ["sh-01", "bj-01"] };
      for (const [id, those] of Object.entries({ ...centres, all: null })) {
        await apiKeys.create(newKey(id, { centres: those }));
        pass(1);
      }
      expect(await ids(apiKeys, everything)).toEqual(["all", "more", "both", "one"]);
      expect(await ids(apiKeys, shanghai)).toEqual(["both", "one"]);
      expect(await ids(apiKeys, { centres: [] })).toEqual([]);
      for (const id of ["more", "all"]) {
        expect(await apiKeys.get(id, shanghai)).toBeNull();
        expect(await apiKeys.rotate(id, { secretHash: "x", overlapMs: 0 }, shanghai)).toBeNull();
        expect(await apiKeys.revoke(id, "bo", shanghai)).toBe(false);
      }
      expect(await apiKeys.revoke("both", "bo", shanghai)).toBe(true);
    });

    test("is listed once, page by page, also when several were made at one instant", async () => {
      const { apiKeys } = await standing(open);
      for (const number of numbers(7)) await apiKeys.create(newKey(`k${number}`));
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page = { limit: 3, ...(cursor === "" ? {} : { cursor }) };
        const { items, nextCursor } = await apiKeys.list(page, everything);
        seen.push(...items.map(({ id }) => id));
        cursor = nextCursor;
      }
      expect(seen).toEqual(["k7", "k6", "k5", "k4", "k3", "k2", "k1"]);
    });
  });
}
