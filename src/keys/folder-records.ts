/**
 * Keeps wrapped keys in a folder that any number of processes of one machine share. Destroyed is overwritten in place, and
 * whoever reads reads the file, so that a destroyed key is gone for all processes at once. Who overwrites holds the
 * folder's lock: a key that one wraps anew while another one destroys it stays destroyed.
 */

import { statSync } from "node:fs";
import { appendFile, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FolderLocked, StoreUnavailable } from "../store/errors.ts";
import { hasCode, readText } from "../store/files.ts";
import { lockFolder, type FolderLock } from "../store/folder-lock.ts";
import { openKeyFile, type KeyFile } from "./key-file.ts";
import { RECORD_BYTES } from "./key-record.ts";
import type { KeyCounts, KeyRecords } from "./key-records.ts";
import { KeystoreUnfit } from "./unfit.ts";
import type { WrappedKey } from "./wrapped-key.ts";
import { readReplaced, replaceFile, writeOnce } from "./write-once.ts";

/** Wrapped anew while the lock is held, a fraction of a second: others wait for no more than that. */
const REWRAPPED_AT_ONCE = 1_000;
const LOCK_PATIENCE_MS = 10_000;
const LOCK_LOOK_MS = 20;

export function folderRecords(folder: string): KeyRecords {
  const keysPath = join(folder, "keys");
  const envelopePath = join(folder, "envelope.json");
  const wipesPath = join(folder, "wipes");
  let opened: Promise<KeyFile> | null = null;

  const used = async <T>(work: (file: KeyFile) => Promise<T>): Promise<T> => {
    if (opened === null) throw new Error("expected the keystore to be prepared before it is used");
    try {
      return await work(await opened);
    } catch (error) {
      throw unavailable(folder, error);
    }
  };

  return {
    place: folder,
    isThere: async () => (await readText(envelopePath)) !== null,
    prepare: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await refuseWhatIsIncomplete(keysPath, envelopePath);
      opened ??= openKeyFile(keysPath);
      // Whoever asks first waits for what is left of it.
      (await opened).refresh().catch(() => {});
    },
    find: (names) =>
      used(async (file) => {
        const found = await file.find(names);
        return new Map([...found].flatMap(([name, [first]]) => (first ? [[name, first.key]] : [])));
      }),
    add: (keys) => used((file) => file.append(keys)),
    settle: () => used((file) => file.settle()),
    wipe: (names) =>
      used((file) =>
        whileLocked(folder, async () => {
          const wiped = await wipe(file, names);
          // Also where none was left: whoever was interrupted before may have wiped and not told.
          await appendFile(wipesPath, ".", { mode: 0o600, flush: true });
          return wiped;
        }),
      ),
    wipes: () => used(async () => (await sizeOf(wipesPath)) ?? 0),
    rewrap: (names, anew) =>
      used(async (file) => rewrap(folder, file, await placesOf(file, names), anew)),
    count: () => used(count),
    envelope: readOnce(envelopePath),
    replaceEnvelope: async (expected, text) => {
      if (expected === null) return writeOnce(envelopePath, text);
      return whileLocked(folder, async () => {
        if ((await readText(envelopePath)) !== expected) return false;
        await replaceFile(envelopePath, text);
        return true;
      });
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}

/** A folder that was copied or restored in part would read as one whose keys were all destroyed. */
async function refuseWhatIsIncomplete(keysPath: string, envelopePath: string): Promise<void> {
  // The keys' file is made before the envelope, and is empty until the envelope is there: another process may be at it.
  const before = await sizeOf(keysPath);
  const envelope = await readText(envelopePath);
  const after = await sizeOf(keysPath);
  const [there, missing] = envelope === null ? [keysPath, envelopePath] : [envelopePath, keysPath];
  const isIncomplete = envelope === null ? (before ?? 0) > 0 : after === null;
  if (!isIncomplete) return;
  throw new KeystoreUnfit(
    `expected ${missing} beside ${there}, found no such file: the keystore is not whole. Put back all of its folder ` +
      "from one backup, and what was sealed opens again.",
  );
}

/** Reads a file that is only ever replaced as a whole when it is another one than the last time. */
function readOnce(path: string): () => Promise<string | null> {
  let last = { mark: "", text: "" };
  return async () => {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return null;
    const mark = `${stats.ino} ${stats.mtimeNs} ${stats.size}`;
    if (mark === last.mark) return last.text;
    const text = await readReplaced(path);
    if (text !== null) last = { mark, text };
    return text;
  };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

async function wipe(file: KeyFile, names: readonly string[]): Promise<number> {
  await file.refresh();
  let wiped = 0;
  for (const found of (await file.find(names)).values()) {
    for (const { place } of found) await file.overwrite(place, null);
    if (found.length > 0) wiped++;
  }
  await file.settle();
  return wiped;
}

async function placesOf(
  file: KeyFile,
  names: readonly string[] | null,
): Promise<readonly number[]> {
  const places: number[] = [];
  if (names === null) {
    await file.each((place, record) => {
      if (record.kind === "key") places.push(place);
    });
    return places;
  }
  for (const found of (await file.find(names)).values()) {
    for (const { place } of found) places.push(place);
  }
  return places;
}

async function rewrap(
  folder: string,
  file: KeyFile,
  places: readonly number[],
  anew: (key: WrappedKey) => WrappedKey | null,
): Promise<number> {
  let changed = 0;
  for (let from = 0; from < places.length; from += REWRAPPED_AT_ONCE) {
    await whileLocked(folder, async () => {
      for (const place of places.slice(from, from + REWRAPPED_AT_ONCE)) {
        const key = await file.at(place);
        const other = key === null ? null : anew(key);
        if (other === null) continue;
        await exchange(file, place, other);
        changed++;
      }
      await file.settle();
    });
    // Others look for the lock this often.
    await sleep(LOCK_LOOK_MS);
  }
  return changed;
}

/** A sector is written whole or not at all. What lies across two of them is never changed, but followed and wiped. */
async function exchange(file: KeyFile, place: number, key: WrappedKey): Promise<void> {
  if (place % RECORD_BYTES === 0) return file.overwrite(place, key);
  await file.append([key]);
  await file.settle();
  await file.overwrite(place, null);
}

async function count(file: KeyFile): Promise<KeyCounts> {
  const live = new Map<string, number>();
  let destroyed = 0;
  const { damagedBytes } = await file.each((_place, record) => {
    if (record.kind === "wiped") destroyed++;
    else live.set(record.key.wrapper, (live.get(record.key.wrapper) ?? 0) + 1);
  });
  return { live, destroyed, damagedBytes };
}

async function whileLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = await patientLock(folder);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function patientLock(folder: string): Promise<FolderLock> {
  for (let waitedMs = 0; ; waitedMs += LOCK_LOOK_MS) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      if (!(error instanceof FolderLocked)) throw error;
      if (waitedMs >= LOCK_PATIENCE_MS) {
        const message = `The keystore in ${folder} is being written by another process for too long.`;
        throw new StoreUnavailable(message, { cause: error });
      }
      await sleep(LOCK_LOOK_MS);
    }
  }
}

/** What the disk refuses may be put right while the server runs, such as a full one; anything else is a defect. */
function unavailable(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const code = "code" in error ? String(error.code) : "an error";
  return new StoreUnavailable(`The keystore in ${folder} can't be used: ${code}`, { cause: error });
}
