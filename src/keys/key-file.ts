/**
 * One file of keys that any number of processes append to: appends come one after the other (POSIX write, O_APPEND), so
 * that all see the same order and the first key of a name is everybody's. What stands in the file counts, and is read
 * there each time: the memory holds places alone.
 */

import { constants, fstatSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { StoreUnavailable } from "../store/errors.ts";
import { sync } from "../store/sync-tree.ts";
import { createKeyReading, keyAt, type PlacedKey } from "./key-reading.ts";
import { encodeKey, encodeWiped, RECORD_BYTES, type KeyRecord } from "./key-record.ts";
import { createSettling } from "./settling.ts";
import { walkRecords, type Walked } from "./walk-records.ts";
import type { WrappedKey } from "./wrapped-key.ts";

export interface KeyFile {
  /** All that are there under each name, from the first to the last: the first one counts. */
  readonly find: (names: readonly string[]) => Promise<ReadonlyMap<string, readonly PlacedKey[]>>;
  /**
   * @returns what counts under each name now: another process may have been first, or have wiped it
   * @throws when the disk did not take all of it; nothing then says which were taken
   */
  readonly append: (keys: readonly WrappedKey[]) => Promise<ReadonlyMap<string, WrappedKey>>;
  /** What was found or appended before is on the disk when it resolves. */
  readonly settle: () => Promise<void>;
  /** Puts another record in the place of one; settle afterwards. */
  readonly overwrite: (place: number, key: WrappedKey | null) => Promise<void>;
  /** The key in this very place; null: it was wiped. */
  readonly at: (place: number) => Promise<WrappedKey | null>;
  /** Looks to the end of the file, whatever is found before it. */
  readonly refresh: () => Promise<void>;
  readonly each: (visit: (place: number, record: KeyRecord) => void) => Promise<Walked>;
  readonly close: () => Promise<void>;
}

const OWNER_ONLY = 0o600;
/** Of one write. */
const APPENDED_RECORDS = 4_096;

export async function openKeyFile(path: string): Promise<KeyFile> {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const appending = await open(path, O_WRONLY | O_CREAT | O_APPEND, OWNER_ONLY);
  // Linux appends whatever is written through the other one, wherever it is meant to go.
  const handle = await open(path, "r+");
  await sync(dirname(path));
  const settling = createSettling(handle, path);
  const reading = createKeyReading(handle, settling.told);

  return {
    find: reading.find,
    append: (keys) => reading.counting(keys, () => write(appending, handle, keys, settling.wrote)),
    settle: settling.settle,
    overwrite: async (place, key) => {
      const record = key === null ? encodeWiped() : encodeKey(key);
      await handle.write(record, 0, RECORD_BYTES, place);
      settling.wrote();
    },
    at: (place) => keyAt(handle, place),
    refresh: reading.refresh,
    each: (visit) => walkRecords(handle, 0, visit),
    close: async () => {
      await Promise.all([appending.close(), handle.close()]);
    },
  };
}

async function write(
  appending: FileHandle,
  handle: FileHandle,
  keys: readonly WrappedKey[],
  wrote: () => void,
): Promise<void> {
  for (let from = 0; from < keys.length; from += APPENDED_RECORDS) {
    const records = keys.slice(from, from + APPENDED_RECORDS).map(encodeKey);
    // Half a record that somebody's end left is filled up: whole ones then begin where sectors do.
    const excess = fstatSync(handle.fd).size % RECORD_BYTES;
    const filling = excess === 0 ? [] : [Buffer.alloc(RECORD_BYTES - excess)];
    const bytes = Buffer.concat([...filling, ...records]);
    const { bytesWritten } = await appending.write(bytes);
    wrote();
    if (bytesWritten < bytes.length) {
      throw new StoreUnavailable("The disk took only a part of new keys: it may be full.");
    }
  }
}
