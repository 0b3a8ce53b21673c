/** Writes a file that appears under its name only when it is whole; until then it stands beside it, and goes when it fails. */

import { open, rename, rm } from "node:fs/promises";

/** @param write is given the path that it may write to */
export async function wholeFile(
  path: string,
  write: (part: string) => Promise<void>,
): Promise<void> {
  const part = `${path}.part`;
  await rm(part, { force: true });
  try {
    await write(part);
    await synced(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
