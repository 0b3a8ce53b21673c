/** A name that was made in a folder is there after a power cut, too (fsync(2): a file's own sync says nothing of its name). */

import { open } from "node:fs/promises";

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
