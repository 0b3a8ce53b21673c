/** A process of its own that writes to a data folder until it is killed, and says each revision that was acknowledged. */

import { writeSync } from "node:fs";

import { openStore } from "../../src/store/open.ts";
import { advance } from "./fixtures.ts";

const [folder = ""] = process.argv.slice(2);
const store = await openStore({ dataFolder: folder });
await store.migrate();
for (;;) {
  const revision = await advance(store, "o1", { set: [], opened: [], outbox: [] });
  writeSync(1, `${revision}\n`);
}
