/** A process that makes keys until it is killed, and tells of each that was acknowledged: `<tag> <key in hex>`. */

import { writeSync } from "node:fs";
import { openKeystore } from "../../src/keys/open-keystore.ts";

const STDOUT = 1;
/** Made in one turn. */
const AT_ONCE = 40;

const [place = "", dataFolder = "", round = ""] = process.argv.slice(2);
const keystore = openKeystore({ place, dataFolder });
await keystore.prepare();
for (let number = 0; ; number++) {
  const one = async (index: number): Promise<void> => {
    const tag = `${round}/${number}/${index}`;
    const key = (await keystore.ensure([tag])).get(tag);
    if (key === undefined) throw new Error("expected a key");
    writeSync(STDOUT, `${tag} ${Buffer.from(key).toString("hex")}\n`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(index)));
}
