/** Lets no server work with another keystore than the one that opens what is sealed in its database. */

import type { KeystoreBond } from "../store/contracts/keystore-bond.ts";
import type { Keystore } from "./keystore.ts";

export class KeystoreForeign extends Error {
  override readonly name = "KeystoreForeign";
}

/**
 * The first server of a database ties it to its keystore.
 * @throws {KeystoreForeign} when the database is tied to another one
 */
export async function tieKeystore(
  { place, prepare }: Pick<Keystore, "place" | "prepare">,
  bond: KeystoreBond,
): Promise<void> {
  const id = await prepare();
  const tied = await bond.tie(id);
  if (tied === id) return;
  throw new KeystoreForeign(
    `Personal values in this database are sealed under the keystore ${tied}; the one in ${place} is ${id}. ` +
      "Give this server the other one with SEVENSTEP_KEYSTORE, or put its folder back from your backup. If it is lost " +
      "for ever: `sevenstep keys adopt` goes on with this one, and what was sealed before stays closed.",
  );
}
