/** Copies a keystore to another place, with its id, its secrets and all its keys; no server may work with either meanwhile. */

import type { KeyRecords } from "./key-records.ts";
import type { WrappedKey } from "./wrapped-key.ts";

/** Copied at once. */
const PORTION = 1_000;

/** @returns how many keys it copied; null: there is a keystore in the other place already, or none in this one */
export async function copyKeystore(from: KeyRecords, to: KeyRecords): Promise<number | null> {
  const envelope = await from.envelope();
  if (envelope === null || (await to.envelope()) !== null) return null;
  const keys: WrappedKey[] = [];
  await from.rewrap(null, (key) => {
    keys.push(key);
    return null;
  });
  for (let start = 0; start < keys.length; start += PORTION) {
    await to.add(keys.slice(start, start + PORTION));
  }
  await to.settle();
  // Last, so that a copy that was stopped is not taken for a whole one.
  await to.replaceEnvelope(null, envelope);
  return keys.length;
}
