/** A thread that unpacks the prepared database, so that the server's own can load its code meanwhile: see `unpack-aside.ts`. */

import { parentPort, workerData } from "node:worker_threads";
import { unpackPrepared } from "./prepared-folder.ts";
import { syncTree } from "./sync-tree.ts";

const folder = String(workerData);
const isUnpacked = await unpackPrepared(folder);
if (isUnpacked) await syncTree(folder);
// Copied, with nothing handed over.
parentPort?.postMessage(isUnpacked, []);
