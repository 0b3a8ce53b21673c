/** Puts a folder's files on the disk that were written without: after it they are there, names included. */

import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** As many as Node has threads for files: a disk takes syncs together that wait for it together. */
const SYNCERS = 4;

export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const rest = entries.filter((entry) => entry.isFile() || entry.isDirectory()).values();
  const syncer = async (): Promise<void> => {
    for (const { parentPath, name } of rest) await sync(join(parentPath, name));
  };
  await Promise.all(Array.from({ length: SYNCERS }, syncer));
  await sync(folder);
}

export async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
