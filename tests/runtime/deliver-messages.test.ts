/** Rounds over what is kept: what changed comes in every one of them, however much else is kept. */

import { beforeAll, afterAll, expect, test } from "vitest";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { createMessageRounds } from "../../src/runtime/deliver-messages.ts";
import { createKeyring } from "../../src/runtime/keyring.ts";
import { laneOf } from "../../src/runtime/lane-delivery.ts";
import { createMessageCatalogue } from "../../src/runtime/message-catalogue.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { createSecretBox } from "../../src/runtime/sealed-secret.ts";
import type { Store } from "../../src/store/store.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";
import { numbers } from "../store/fixtures.ts";

let store: Store;
beforeAll(async () => {
  store = storeOn(await openPgliteInMemory(await pgliteTemplate()));
  await store.migrate();
});
afterAll(() => store.close());

test("a round looks at what changed and walks on over the rest by a page", async () => {
  const sender = { sub: "bank-1", roles: ["bank"], centres: null };
  const box = createSecretBox(new Uint8Array(32), "message payload", systemRandom);
  for (const number of numbers(250)) {
    const id = `m${number}`;
    const lane = laneOf("PAID", { businessKey: `key-${number}`, fields: [] }, sender);
    await store.messages.keep({ ...lane, id, payload: box.seal("{}", id), ttlMs: 60_000 }, 1_000);
  }
  const looks: string[] = [];
  const messages: Store["messages"] = {
    ...store.messages,
    lanes: async (since, page) => {
      const lanes = await store.messages.lanes(since, page);
      looks.push(`${since === null ? "all" : "changed"} ${lanes.length}`);
      return lanes;
    },
  };
  const complain = (fields: object, message: string): void => {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  };
  const { round } = createMessageRounds({
    ...{ store: { ...store, messages }, library: createLibrary(store), random: systemRandom, box },
    keyring: createKeyring(memoryKeystore(), systemClock),
    ...{ catalogue: createMessageCatalogue(), wake: () => {}, clock: systemClock },
    log: { info: () => {}, warn: complain, error: complain },
  });
  const { signal } = new AbortController();
  const pauses: number[] = [];
  for (const _ of numbers(4)) pauses.push(await round(signal));
  expect(looks).toEqual([
    "all 100",
    ...["changed 0", "all 100"],
    ...["changed 0", "all 50"],
    "changed 0",
  ]);
  expect(pauses).toEqual([0, 0, 1_000, 1_000]);
});
