/** A database knows the keystore that it was sealed under, and a server with another one does not start on it. */

import { expect, test } from "vitest";
import { KeystoreForeign, tieKeystore } from "../../src/runtime/tie-keystore.ts";
import { describeOnDatabases } from "../support/databases.ts";

const one = { place: "/srv/one", prepare: () => Promise.resolve("1".repeat(32)) };
const other = { place: "/srv/other", prepare: () => Promise.resolve("2".repeat(32)) };

describeOnDatabases("a database's keystore", (open) => {
  test("is the first server's, and every other server's that has the same", async () => {
    const store = await open();
    await tieKeystore(one, store.keystore);
    await tieKeystore(one, (await open()).keystore);
    await expect(tieKeystore(other, store.keystore)).rejects.toThrow(KeystoreForeign);
  });

  test("is told to whoever comes with another one, with what to do", async () => {
    const { keystore } = await open();
    await tieKeystore(one, keystore);
    await expect(tieKeystore(other, keystore)).rejects.toThrow(
      /keystore 1{32}; the one in \/srv\/other is 2{32}.*SEVENSTEP_KEYSTORE.*keys adopt/s,
    );
  });

  test("is one, whichever of two servers starts first", async () => {
    const stores = [await open(), await open()];
    const ids = await Promise.all(stores.map(({ keystore }, index) => keystore.tie(`id ${index}`)));
    expect(new Set(ids).size).toBe(1);
  });

  test("changes only where it is tied anew", async () => {
    const { keystore } = await open();
    await keystore.tieAnew("a");
    expect(await keystore.tie("b")).toBe("a");
    await keystore.tieAnew("b");
    expect(await keystore.tie("a")).toBe("b");
  });
});
