/** A keyring spares the keystore, and holds no key for longer than two seconds. */

import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createKeyring, KEYRING_MEMORY_MS } from "../../src/runtime/keyring.ts";
import type { Keystore } from "../../src/runtime/keystore.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";

function watched(keystore = memoryKeystore()) {
  const hand = { now: Date.parse("2026-11-22T08:00:00Z") };
  const asked: string[] = [];
  const noting =
    (name: string, ask: Keystore["read"]): Keystore["read"] =>
    (tags) => {
      asked.push(`${name} ${tags.join(" ")}`);
      return ask(tags);
    };
  const watching: Keystore = {
    ...keystore,
    // It never learns that nothing was destroyed.
    destructions: () => Promise.reject(new Error("not reached")),
    ensure: noting("ensure", keystore.ensure),
    read: noting("read", keystore.read),
  };
  return { keyring: createKeyring(watching, { now: () => hand.now }), hand, asked, keystore };
}

describe("a keyring", () => {
  test("gives at once what was asked for within two seconds, and asks for nothing else", async () => {
    const { keyring, hand, asked } = watched();
    expect(keyring.peek("ann")).toBeNull();
    const made = await keyring.ensure(["ann"]);
    expect(keyring.peek("ann")).toBe(made.get("ann"));
    hand.now += KEYRING_MEMORY_MS - 1;
    await keyring.ensure(["ann", "bo"]);
    await keyring.read(["bo", "ann", "bo"]);
    expect(asked).toEqual(["ensure ann", "ensure bo"]);
    hand.now += 1;
    expect(keyring.peek("ann")).toBeNull();
    expect(keyring.peek("bo")).not.toBeNull();
  });

  test("counts from when it asked, however long the answer took", async () => {
    const keystore = memoryKeystore();
    const slow: Keystore = {
      ...keystore,
      ensure: async (tags) => {
        const keys = await keystore.ensure(tags);
        hand.now += KEYRING_MEMORY_MS;
        return keys;
      },
    };
    const { keyring, hand } = watched(slow);
    expect((await keyring.ensure(["ann"])).size).toBe(1);
    expect(keyring.peek("ann")).toBeNull();
  });

  test("makes nothing fresher by a clock that is set back", async () => {
    const { keyring, hand } = watched();
    await keyring.ensure(["ann"]);
    hand.now -= 1;
    expect(keyring.peek("ann")).toBeNull();
  });

  test("remembers no absence: a key that another server makes is seen at once", async () => {
    const { keyring, keystore } = watched();
    expect((await keyring.read(["ann"])).size).toBe(0);
    await keystore.ensure(["ann"]);
    expect((await keyring.read(["ann"])).size).toBe(1);
  });

  test("forgets what it destroys, also what was on its way then", async () => {
    const keystore = memoryKeystore();
    const answers: (() => void)[] = [];
    const held: Keystore = {
      ...keystore,
      read: async (tags) => {
        const keys = await keystore.read(tags);
        await new Promise<void>((resolve) => answers.push(resolve));
        return keys;
      },
    };
    const { keyring } = watched(held);
    await keystore.ensure(["ann"]);
    const reading = keyring.read(["ann"]);
    await expect.poll(() => answers.length).toBe(1);
    expect(await keyring.destroy(["ann"])).toBe(1);
    for (const answer of answers) answer();
    await reading;
    expect(keyring.peek("ann")).toBeNull();
  });

  test("uses a key that another server destroyed for two seconds at most", async () => {
    const { keyring, hand, keystore } = watched();
    await keyring.ensure(["ann"]);
    await keystore.destroy(["ann"]);
    expect((await keyring.read(["ann"])).size).toBe(1);
    hand.now += KEYRING_MEMORY_MS;
    expect((await keyring.read(["ann"])).size).toBe(0);
  });

  test("forgets also when the keystore fails to say that it destroyed", async () => {
    const keystore = memoryKeystore();
    const failing: Keystore = {
      ...keystore,
      destroy: async (tags) => {
        await keystore.destroy(tags);
        throw new Error("the answer was lost");
      },
    };
    const { keyring } = watched(failing);
    await keyring.ensure(["ann"]);
    await expect(keyring.destroy(["ann"])).rejects.toThrow(/lost/);
    expect(keyring.peek("ann")).toBeNull();
  });

  describe("that hears that no key was destroyed", () => {
    async function calm() {
      const hand = { now: Date.parse("2026-11-22T08:00:00Z") };
      const keystore = { ...memoryKeystore() };
      const keyring = createKeyring(
        { ...keystore, destructions: () => keystore.destructions() },
        { now: () => hand.now },
      );
      const pass = async (ms: number): Promise<void> => {
        for (const end = hand.now + ms; hand.now < end; hand.now += 500) {
          keyring.peek("anybody");
          await setImmediate();
        }
      };
      await pass(1_000);
      await keyring.ensure(["ann"]);
      return { keyring, keystore, pass };
    }

    test("asks for none anew, but for a minute at most", async () => {
      const { keyring, pass } = await calm();
      await pass(59_500);
      expect(keyring.peek("ann")).not.toBeNull();
      await pass(500);
      expect(keyring.peek("ann")).toBeNull();
    });

    test("forgets a key within two seconds after another server destroyed one", async () => {
      const { keyring, keystore, pass } = await calm();
      await pass(10_000);
      expect(keyring.peek("ann")).not.toBeNull();
      await keystore.destroy(["bo"]);
      await pass(KEYRING_MEMORY_MS);
      expect(keyring.peek("ann")).toBeNull();
      await keyring.ensure(["ann"]);
      await pass(10_000);
      expect(keyring.peek("ann")).not.toBeNull();
    });

    test("trusts no calm that is older than two seconds", async () => {
      const { keyring, keystore, pass } = await calm();
      await pass(5_000);
      keystore.destructions = () => Promise.reject(new Error("away"));
      await pass(KEYRING_MEMORY_MS);
      expect(keyring.peek("ann")).toBeNull();
    });
  });
});
