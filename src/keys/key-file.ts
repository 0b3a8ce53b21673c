/**
 * One file of keys that any number of processes append to: appends come one after the other (POSIX write, O_APPEND), so
 * that all see the same order and the first key of a name is everybody's. What stands in the file counts, and is read
 * there each time: the memory holds places alone.
 */

import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gathered } from "../store/gathered.ts";
import { sync } from "../store/sync-tree.ts";
import {
  decodeRecord,
  encodeKey,
  encodeWiped,
  RECORD_BYTES,
  type KeyRecord,
} from "./key-record.ts";
import { createPlaceIndex } from "./place-index.ts";
import { createSettling } from "./settling.ts";
import { walkRecords, type Walked } from "./walk-records.ts";
import type { WrappedKey } from "./wrapped-key.ts";

export interface PlacedKey {
  readonly place: number;
  readonly key: WrappedKey;
}

export interface KeyFile {
  /** All that are there under the name: the first one counts. */
  readonly find: (name: string) => Promise<readonly PlacedKey[]>;
  /** @throws when the disk did not take all of it; nothing then says which were taken */
  readonly append: (keys: readonly WrappedKey[]) => Promise<void>;
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
const LOOKS = 4;
const LOOK_MS = 1;
/** Of one write. */
const APPENDED_RECORDS = 4_096;

export async function openKeyFile(path: string): Promise<KeyFile> {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const appending = await open(path, O_WRONLY | O_CREAT | O_APPEND, OWNER_ONLY);
  // Linux appends whatever is written through the other one, wherever it is meant to go.
  const handle = await open(path, "r+");
  await sync(dirname(path));
  const index = createPlaceIndex();
  const settling = createSettling(handle, path);
  let walkedTo = 0;

  const walkOn = async (): Promise<void> => {
    const { end } = await walkRecords(handle, walkedTo, (place, record) => {
      if (record.kind === "key") index.add(record.key.name, place);
    });
    walkedTo = end;
  };
  const catchUp = gathered<null, true>(Infinity, async (asked) => {
    await walkOn();
    return asked.map(() => true);
  });
  const look = async (name: string): Promise<readonly PlacedKey[]> => {
    const read = await Promise.all(
      index.places(name).map(async (place) => ({ place, record: await recordAt(handle, place) })),
    );
    return read.flatMap(({ place, record }) =>
      record?.kind === "key" && record.key.name === name ? [{ place, key: record.key }] : [],
    );
  };

  return {
    find: async (name) => {
      const lookedTo = walkedTo;
      let found = await look(name);
      if (found.length === 0) {
        if ((await handle.stat()).size > walkedTo) await catchUp(null);
        // Somebody else may have gone on while this one looked.
        if (walkedTo > lookedTo) found = await look(name);
      }
      for (const { place } of found) settling.told(place + RECORD_BYTES);
      return found;
    },
    append: async (keys) => {
      for (let from = 0; from < keys.length; from += APPENDED_RECORDS) {
        const records = keys.slice(from, from + APPENDED_RECORDS).map(encodeKey);
        // Half a record that somebody's end left is filled up: whole ones then begin where sectors do.
        const excess = (await handle.stat()).size % RECORD_BYTES;
        const filling = excess === 0 ? [] : [Buffer.alloc(RECORD_BYTES - excess)];
        const bytes = Buffer.concat([...filling, ...records]);
        const { bytesWritten } = await appending.write(bytes);
        settling.wrote();
        if (bytesWritten < bytes.length) throw new Error(`${path} could not be written to its end`);
      }
    },
    settle: settling.settle,
    overwrite: async (place, key) => {
      const record = key === null ? encodeWiped() : encodeKey(key);
      await handle.write(record, 0, RECORD_BYTES, place);
      settling.wrote();
    },
    at: async (place) => {
      const record = await recordAt(handle, place);
      return record?.kind === "key" ? record.key : null;
    },
    refresh: async () => {
      await catchUp(null);
    },
    each: (visit) => walkRecords(handle, 0, visit),
    close: async () => {
      await Promise.all([appending.close(), handle.close()]);
    },
  };
}

/** What is read while another process overwrites it may be of both: looked at again, it is whole. */
async function recordAt(handle: FileHandle, place: number): Promise<KeyRecord | null> {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES);
  for (let look = 1; ; look++) {
    const { bytesRead } = await handle.read(bytes, 0, RECORD_BYTES, place);
    const record = decodeRecord(bytes.subarray(0, bytesRead), 0);
    if (record !== null || look === LOOKS) return record;
    await sleep(LOOK_MS);
  }
}
