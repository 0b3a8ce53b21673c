/** A keystore that lives as long as the test: with the guarantees of a real one, but for what outlives a process. */

import { createHmac, randomBytes } from "node:crypto";

import { KEY_BYTES, type Keystore } from "../../src/runtime/keystore.ts";

/** By the keys that they were taken from. */
const destructions = new WeakMap<Map<string, Uint8Array>, number>();

/** Servers of one test share it, or share `keys` by making each its own over them. */
export function memoryKeystore(keys = new Map<string, Uint8Array>()): Keystore {
  const read: Keystore["read"] = (tags) => {
    const found = tags.flatMap((tag) => {
      const key = keys.get(tag);
      return key === undefined ? [] : [{ tag, key }];
    });
    return Promise.resolve(new Map(found.map(({ tag, key }) => [tag, key])));
  };
  return {
    place: "memory",
    tagOf: (subject) => createHmac("sha256", "a test's keystore").update(subject).digest("hex"),
    prepare: () => Promise.resolve("memory"),
    ensure: (tags) => {
      for (const tag of tags) if (!keys.has(tag)) keys.set(tag, randomBytes(KEY_BYTES));
      return read(tags);
    },
    read,
    destroy: (tags) => {
      destructions.set(keys, (destructions.get(keys) ?? 0) + 1);
      return Promise.resolve(tags.filter((tag) => keys.delete(tag)).length);
    },
    destructions: () => Promise.resolve(destructions.get(keys) ?? 0),
    close: () => Promise.resolve(),
  };
}
