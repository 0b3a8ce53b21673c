/** Unpacks the prepared database in a thread of its own, onto the disk. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A file of this very kind: `.ts` as it is written, `.js` once the package was built. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const FILE = new URL(`./unpack-thread.${EXTENSION}`, import.meta.url);

/** @returns false: there is none for this release, and nothing was done */
export async function unpackAside(folder: string): Promise<boolean> {
  const thread = new Worker(FILE, { workerData: folder });
  const said: readonly unknown[] = await once(thread, "message");
  return said[0] === true;
}
