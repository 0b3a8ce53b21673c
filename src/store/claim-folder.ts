/**
 * Takes a data folder for this process, and begins what PGlite waits for longest there: its code is compiled, and in a
 * folder without a database the prepared one is unpacked, both beside the thread that asked.
 */

import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { lockFolder, type FolderLock } from "./folder-lock.ts";
import { sync } from "./sync-tree.ts";
import { unpackAside } from "./unpack-aside.ts";

export interface ClaimedFolder {
  readonly lock: FolderLock;
  /** Where PGlite's own folder is, or will be. */
  readonly data: string;
  /** When it is there; false: it has to be made. */
  readonly placed: Promise<boolean>;
  /** Of PGlite; null: it finds its code by itself. */
  readonly code: Promise<WebAssembly.Module | null>;
}

/** Puts a fresh database into a folder that is not there yet, onto the disk; false: it has to be made. */
export type Unpack = (folder: string) => Promise<boolean>;

/** @throws {FolderLocked} while another process has the folder open */
export async function claimFolder(
  folder: string,
  unpack: Unpack = unpackAside,
): Promise<ClaimedFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  const data = dataIn(folder);
  const placed = existsSync(data) ? Promise.resolve(true) : underAnotherName(data, unpack);
  // Whoever opens the folder meets the failure.
  placed.catch(() => {});
  return { lock, data, placed, code: compiled() };
}

/** Whether a database would have to be put there first. */
export function isWithoutDatabase(folder: string): boolean {
  return !existsSync(dataIn(folder));
}

/** A first start that is interrupted leaves a folder that can't be opened: it happens under another name. */
export async function underAnotherName(
  data: string,
  make: (draft: string) => Promise<boolean>,
): Promise<boolean> {
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  if (!(await make(draft))) return false;
  await rename(draft, data);
  await sync(dirname(data));
  return true;
}

function dataIn(folder: string): string {
  return join(folder, "pglite");
}

/** Read in one go: it is compiled in threads of V8's own from then on, however busy this one is. */
function compiled(): Promise<WebAssembly.Module | null> {
  try {
    const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite");
    const code = readFileSync(join(dirname(entry), "pglite.wasm"));
    return WebAssembly.compile(code).catch(() => null);
  } catch {
    return Promise.resolve(null);
  }
}
