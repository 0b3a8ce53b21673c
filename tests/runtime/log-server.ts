/** A process of its own that numbers entries and signs the log of a database until it is killed. */

import { join } from "node:path";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { checkpointFileAt } from "../../src/keys/checkpoint-file.ts";
import { logKeyFile } from "../../src/keys/log-key-file.ts";
import { createBus } from "../../src/runtime/bus.ts";
import { createFeed } from "../../src/runtime/feed.ts";
import { createKeyring } from "../../src/runtime/keyring.ts";
import { createLogLoops } from "../../src/runtime/log-loop.ts";
import { checkStanding } from "../../src/runtime/log-standing.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";

const [url = "", folder = ""] = process.argv.slice(2);
const store = storeOn(openPostgres(url), { rebuild: createRebuild() });
const say = (fields: object, message: string): void => console.error(message, fields);
const log = { info: () => {}, warn: say, error: say };
const ports = { store, clock: systemClock, random: systemRandom, log };
const bus = createBus({ ...ports, signals: store.signals });
const file = checkpointFileAt(join(folder, "checkpoints"));
await checkStanding(store.log, file);
const keyring = createKeyring(memoryKeystore(), systemClock);
const keeping = { signer: logKeyFile(join(folder, "log-key")), file };
const feed = createFeed({ ...ports, keyring, bus });
for (const loop of [bus, feed, ...createLogLoops({ ...ports, ...keeping, bus })]) loop.start();
console.log("started");
