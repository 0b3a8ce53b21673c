/** Runs one suite on every place that keys may be kept in, and in the memory that other tests use instead. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe } from "vitest";
import { openKeystore, type KeystorePlan } from "../../src/keys/open-keystore.ts";
import type { Keystore } from "../../src/runtime/keystore.ts";
import { createDatabase } from "../support/databases.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";

/** Opens the test's keystore, as one more server would. */
export type OpenKeystore = () => Promise<Keystore>;

export type Place = "folder" | "postgres" | "memory";

export function describeOnPlaces(
  name: string,
  places: readonly Place[],
  suite: (open: OpenKeystore, plan: () => KeystorePlan) => void,
): void {
  describe.each(places)(`${name} (%s)`, (place) => {
    const opened: Keystore[] = [];
    const undo: (() => Promise<void>)[] = [];
    let plan: KeystorePlan | null = null;
    let keys = new Map<string, Uint8Array>();

    beforeEach(async () => {
      keys = new Map();
      const dataFolder = await mkdtemp(join(tmpdir(), "sevenstep-keys-"));
      undo.push(() => rm(dataFolder, { recursive: true, force: true }));
      plan = { place: join(dataFolder, "keys"), dataFolder };
      if (place !== "postgres") return;
      const database = await createDatabase();
      undo.push(database.drop);
      plan = { place: database.url, dataFolder };
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((keystore) => keystore.close()));
      for (const each of undo.splice(0)) await each();
    });

    const planned = (): KeystorePlan => {
      if (plan === null) throw new Error("open the keystore inside a test");
      return plan;
    };
    const open: OpenKeystore = async () => {
      const keystore = place === "memory" ? memoryKeystore(keys) : openKeystore(planned());
      opened.push(keystore);
      await keystore.prepare();
      return keystore;
    };
    suite(open, planned);
  });
}

export function hex(key: Uint8Array | undefined): string | null {
  return key === undefined ? null : Buffer.from(key).toString("hex");
}
