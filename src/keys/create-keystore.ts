/** A keystore on any place that keeps wrapped keys: makes keys, wraps them, and follows an exchange of wrappers. */

import { createHmac, randomBytes } from "node:crypto";
import { KEY_BYTES, type Keys, type Keystore } from "../runtime/keystore.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { gathered } from "../store/gathered.ts";
import { currentOf, envelopeText, newContents, sealed } from "./envelope.ts";
import type { KeyRecords } from "./key-records.ts";
import type { MasterSecret } from "./master-secret.ts";
import { createWrappers } from "./wrappers.ts";
import { nameOf, unwrapKey, wrapKey, type WrappedKey, type Wrapper } from "./wrapped-key.ts";

/** Callers whose work goes together while other such work is under way: one fsync, or one statement, for all of them. */
const GATHERED = 1_000;
const ATTEMPTS = 4;

export function createKeystore(records: KeyRecords, master: MasterSecret): Keystore {
  const wrappers = createWrappers(records, master);

  const unwrapped = async (keys: ReadonlyMap<string, WrappedKey>): Promise<Keys> => {
    const open = new Map<string, Uint8Array>();
    for (const [name, key] of keys) {
      open.set(
        name,
        unwrapKey(key, wrappers.peek(key.wrapper) ?? (await wrappers.of(key.wrapper))),
      );
    }
    return open;
  };
  const ensureAll = async (names: readonly string[]): Promise<Keys> => {
    const found = await records.find(names);
    const missing = names.filter((name) => !found.has(name));
    if (missing.length === 0) {
      await records.settle();
      return unwrapped(found);
    }
    const wrapper = currentOf(wrappers.contents());
    const made = await addedTo(records, missing, wrapper);
    await records.settle();
    // Whoever exchanges the wrapper may have passed these places by before they were written.
    const current = currentOf(await wrappers.reload());
    if (current.id !== wrapper.id) await records.rewrap(missing, wrappers.anew(current));
    return new Map([...(await unwrapped(found)), ...(await unwrapped(made))]);
  };

  return {
    place: records.place,
    tagOf: (subject) =>
      createHmac("sha256", wrappers.contents().tagSecret).update(subject, "utf8").digest("hex"),
    prepare: async () => {
      await records.prepare();
      if ((await records.envelope()) === null) {
        const fresh = sealed(newContents(), [await master.make()]);
        await records.replaceEnvelope(null, envelopeText(fresh));
      }
      await wrappers.reload();
      return wrappers.keystoreId();
    },
    ensure: together(ensureAll),
    read: together(async (names) => unwrapped(await records.find(names))),
    destructions: records.wipes,
    destroy: (tags) => records.wipe(tags.map(nameOf)),
    close: records.close,
  };
}

/** Of several processes that add a key of one name, one is first; of what another one destroys meanwhile there is none. */
async function addedTo(
  { add, place }: KeyRecords,
  names: readonly string[],
  wrapper: Wrapper,
): Promise<ReadonlyMap<string, WrappedKey>> {
  const made = new Map<string, WrappedKey>();
  let missing = names;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const fresh = missing.map((name) => wrapKey(name, randomBytes(KEY_BYTES), wrapper));
    for (const [name, key] of await add(fresh)) made.set(name, key);
    missing = names.filter((name) => !made.has(name));
    if (missing.length === 0) return made;
  }
  throw new StoreUnavailable(
    `The keystore in ${place} does not keep what is put into it. A folder must lie on a disk of this machine; for ` +
      "servers on several machines give a Postgres server with SEVENSTEP_KEYSTORE.",
  );
}

function together(
  work: (names: readonly string[]) => Promise<Keys>,
): (tags: readonly string[]) => Promise<Keys> {
  const gather = gathered<readonly string[], Keys>(GATHERED, async (lists) => {
    const keys = await work([...new Set(lists.flat())]);
    return lists.map(() => keys);
  });
  return async (tags) => {
    const named = new Map(tags.map((tag) => [nameOf(tag), tag]));
    const own = new Map<string, Uint8Array>();
    if (named.size === 0) return own;
    const keys = await gather([...named.keys()]);
    for (const [name, tag] of named) {
      const key = keys.get(name);
      if (key !== undefined) own.set(tag, key);
    }
    return own;
  };
}
