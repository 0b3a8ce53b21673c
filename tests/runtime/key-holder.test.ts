/** Who holds an API key: believed by its secret alone, remembered for two seconds, and forgotten on every server. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  apiKeyIn,
  apiKeyText,
  isOneOf,
  newSecret,
  secretHash,
} from "../../src/runtime/api-key-text.ts";
import { createApiKeys } from "../../src/runtime/api-keys.ts";
import { createKeyHolder, KEY_MEMORY_MS } from "../../src/runtime/key-holder.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { ApiKeys } from "../../src/store/contracts/api-keys.ts";
import { describeOnDatabases } from "../support/databases.ts";
import type { OpenStore } from "../support/databases.ts";
import { ADMIN, granted } from "./engine.ts";

describe("the text of an API key", () => {
  const id = "01980c3e-6c1a-7000-8000-0123456789ab";

  test("is read back, whatever its secret, and holds 256 bits", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const secret = newSecret(() => bytes);
        expect(apiKeyIn(apiKeyText(id, secret))).toEqual({ id, secret });
        expect(Buffer.from(secret, "base64url")).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("never stands twice: ten thousand keys, ten thousand hashes", () => {
    const hashes = Array.from({ length: 10_000 }, () => secretHash(newSecret(systemRandom)));
    expect(new Set(hashes).size).toBe(10_000);
  });

  test.each(["", "ssk_", "ssk_x_y", `${apiKeyText(id, "A".repeat(43))}A`, `ssk_${id}_x`])(
    "is not found in %j",
    (text) => expect(apiKeyIn(text)).toBeNull(),
  );

  test("is compared whole", () => {
    const [good, other] = [secretHash("good"), secretHash("other")];
    expect(isOneOf(good, [other, good])).toBe(true);
    expect(isOneOf(good, [other])).toBe(false);
    expect(isOneOf(good, [])).toBe(false);
  });
});

describeOnDatabases("the holder of an API key", (open) => {
  /** Servers on one database, whose clocks stand where the test puts them. */
  async function servers(count: number) {
    const hand = { now: Date.parse("2026-11-22T08:00:00Z") };
    const clock = { ...systemClock, now: () => hand.now };
    const stores = await Promise.all(
      Array.from({ length: count }, () => open({ clock: () => hand.now })),
    );
    const [first] = stores;
    if (first === undefined) throw new Error("at least one");
    const manage = createApiKeys(first.apiKeys, { clock, random: systemRandom });
    const holders = stores.map((store) => createKeyHolder(store.apiKeys, clock));
    const pass = (ms: number): void => {
      hand.now += ms;
    };
    const subs = (key: string) => Promise.all(holders.map(async (who) => (await who(key))?.sub));
    return { manage, holders, pass, subs };
  }

  const request = { name: "parts", roles: ["worker"], centres: ["sh-01"] };

  test("is who the key says, in its roles and centres", async () => {
    const { manage, holders } = await servers(1);
    const { apiKey, key } = granted(await manage.create(ADMIN, request));
    expect(await holders[0]?.(key)).toEqual({
      ...{ sub: `api-key:${apiKey.id}`, roles: ["worker"], centres: ["sh-01"] },
    });
    const everywhere = granted(await manage.create(ADMIN, { ...request, centres: null }));
    expect(await holders[0]?.(everywhere.key)).toMatchObject({ centres: null });
  });

  test("needs the whole secret", async () => {
    const { manage, holders } = await servers(1);
    const { key, apiKey } = granted(await manage.create(ADMIN, request));
    const another = granted(await manage.create(ADMIN, request));
    const [, , secret = ""] = another.key.split("_");
    const flipped = key.endsWith("A") ? `${key.slice(0, -1)}E` : `${key.slice(0, -1)}A`;
    for (const wrong of [flipped, apiKeyText(apiKey.id, secret), `${key} `, key.toUpperCase()]) {
      expect(await holders[0]?.(wrong), wrong).toBeNull();
    }
  });

  test("is gone on every server within two seconds of the revocation, and not one later", async () => {
    const { manage, pass, subs } = await servers(2);
    const { apiKey, key } = granted(await manage.create(ADMIN, request));
    const who = `api-key:${apiKey.id}`;
    expect(await subs(key)).toEqual([who, who]);
    granted(await manage.revoke(ADMIN, apiKey.id));
    pass(KEY_MEMORY_MS - 1);
    expect(await subs(key)).toEqual([who, who]);
    pass(1);
    expect(await subs(key)).toEqual([undefined, undefined]);
  });

  test("has two good secrets while a rotation overlaps, on every server", async () => {
    const { manage, pass, subs } = await servers(2);
    const { apiKey, key: first } = granted(await manage.create(ADMIN, request));
    const who = `api-key:${apiKey.id}`;
    await subs(first);
    const { key: second } = granted(await manage.rotate(ADMIN, apiKey.id, 60));
    expect(await subs(second)).toEqual([who, who]);
    pass(59_999);
    expect([await subs(first), await subs(second)]).toEqual([
      [who, who],
      [who, who],
    ]);
    pass(1);
    expect([await subs(first), await subs(second)]).toEqual([
      [undefined, undefined],
      [who, who],
    ]);
  });

  test("is good to the very end of the key, also in memory", async () => {
    const { manage, pass, subs } = await servers(1);
    const { key } = granted(await manage.create(ADMIN, { ...request, expiresInSeconds: 10 }));
    pass(9_000);
    expect(await subs(key)).toEqual([expect.any(String)]);
    pass(999);
    expect(await subs(key)).toEqual([expect.any(String)]);
    pass(1);
    expect(await subs(key)).toEqual([undefined]);
  });

  test("is not remembered any longer by a clock that was set back", async () => {
    const { manage, pass, subs } = await servers(1);
    const { apiKey, key } = granted(await manage.create(ADMIN, request));
    await subs(key);
    granted(await manage.revoke(ADMIN, apiKey.id));
    pass(-3_600_000);
    expect(await subs(key)).toEqual([undefined]);
  });

  test("is looked up once for a thousand requests at once, and again only after two seconds", async () => {
    const { apiKeys, looks } = await counting(open);
    const hand = { now: 0 };
    const clock = { ...systemClock, now: () => hand.now };
    const holder = createKeyHolder(apiKeys, clock);
    const { key } = granted(
      await createApiKeys(apiKeys, { clock: systemClock, random: systemRandom }).create(
        ADMIN,
        request,
      ),
    );
    await Promise.all(Array.from({ length: 1_000 }, () => holder(key)));
    expect(looks()).toBe(1);
    hand.now = KEY_MEMORY_MS;
    await holder(key);
    expect(looks()).toBe(2);
  });

  test("of made-up keys is nobody, and none of them is kept", async () => {
    const { apiKeys, looks } = await counting(open);
    const holder = createKeyHolder(apiKeys, systemClock);
    const made = Array.from({ length: 50 }, (_, at) =>
      apiKeyText(
        `01980c3e-6c1a-7000-8000-${String(at).padStart(12, "0")}`,
        newSecret(systemRandom),
      ),
    );
    for (const key of [...made, ...made]) expect(await holder(key)).toBeNull();
    expect(looks()).toBe(100);
  });
});

async function counting(open: OpenStore) {
  const { apiKeys } = await open();
  let count = 0;
  const use: ApiKeys["use"] = (id) => {
    count += 1;
    return apiKeys.use(id);
  };
  return { apiKeys: { ...apiKeys, use }, looks: () => count };
}
