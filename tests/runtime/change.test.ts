/** The path of a change waits for a key outside of it, and decides anew only where the order is another by then. */

import { beforeEach, expect, test } from "vitest";
import { createChange } from "../../src/runtime/change.ts";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { createKeyring } from "../../src/runtime/keyring.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { Keystore } from "../../src/runtime/keystore.ts";
import { applyEvent } from "../../src/runtime/apply.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { createParcel, parcelServer, sent, viewed, type Server } from "./engine.ts";

const ACTOR = { sub: "ann", role: "clerk", centre: null };

describeOnDatabases("a change whose key is not at hand", (open) => {
  let server: Server;
  let id: string;
  beforeEach(async () => {
    server = await parcelServer(open);
    ({ id } = await createParcel(server));
    // The order is at hand.
    await sent(server, id, "WEIGH", { weight: 1 });
  });

  /** @param meanwhile happens while the key is asked for @returns how often was decided */
  async function noted(
    text: string,
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
    keystore: Keystore = memoryKeystore(),
  ): Promise<number> {
    const slow: Keystore = {
      ...keystore,
      ensure: async (tags) => {
        await meanwhile();
        return keystore.ensure(tags);
      },
    };
    const seals = { keyring: createKeyring(slow, systemClock), random: systemRandom };
    const change = createChange(server.store, createLibrary(server.store), seals);
    let decisions = 0;
    await change(id, (current, executable, now) => {
      decisions += 1;
      const attempt = { type: "NOTE", payload: { note: text, text }, actors: [ACTOR] } as const;
      const applied = applyEvent(executable, current, now, attempt, systemRandom);
      if (applied.kind === "rejected") return { kind: "leave", result: applied.code };
      return { kind: "write", write: applied.write, result: "written" };
    });
    return decisions;
  }

  test("stands as it was decided while the key was fetched", async () => {
    expect(await noted("first")).toBe(1);
    expect(await noted("second")).toBe(1);
    expect((await viewed(server, id)).items["notes"]).toHaveLength(2);
    await server.store.orders.forgetSnapshots(id);
    expect(await noted("third")).toBe(1);
  });

  test("is decided anew where the order moved on meanwhile", async () => {
    const moving = () => sent(server, id, "WEIGH", { weight: 2 });
    expect(await noted("first", moving)).toBe(2);
    const order = await viewed(server, id);
    expect(order).toMatchObject({ revision: 4, data: { weight: 2 } });
    expect(order.items["notes"]).toHaveLength(1);
  });

  test("fails where the keystore gives none, and writes nothing", async () => {
    const keystore = { ...memoryKeystore(), ensure: () => Promise.resolve(new Map()) };
    await expect(noted("first", undefined, keystore)).rejects.toThrow(/key/);
    expect(await viewed(server, id)).toMatchObject({ revision: 2 });
  });
});
