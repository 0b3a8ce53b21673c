/** Writes small files that must not be lost: on the disk with their names when it resolves, and never seen half. */

import { randomUUID } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { hasCode, readText } from "../store/files.ts";
import { sync } from "../store/sync-tree.ts";

const OWNER_ONLY = 0o600;

/** Of several that write at once, one does. @returns false when the file was there before */
export async function writeOnce(path: string, text: string): Promise<boolean> {
  const draft = await drafted(path, text);
  try {
    // `link` fails where the name exists.
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
    await sync(dirname(path));
  }
}

/** Puts a text in the place of another one, and overwrites the bytes of that. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const length = Buffer.byteLength((await readText(path)) ?? "");
  const old = length === 0 ? null : await open(path, "r+");
  try {
    await rename(await drafted(path, text), path);
    await sync(dirname(path));
    if (old === null) return;
    await old.write(Buffer.alloc(length), 0, length, 0);
    await old.datasync();
  } finally {
    await old?.close();
  }
}

/** Reads a file that may be replaced meanwhile. @returns null when there is none */
export async function readReplaced(path: string): Promise<string | null> {
  for (;;) {
    const text = await readText(path);
    // Opened before it was replaced, and read after it was overwritten.
    if (text?.includes("\0") !== true) return text;
  }
}

async function drafted(path: string, text: string): Promise<string> {
  const draft = `${path}.${randomUUID()}`;
  await using handle = await open(draft, "wx", OWNER_ONLY);
  await handle.writeFile(text);
  await handle.sync();
  return draft;
}
