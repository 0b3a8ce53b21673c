/** Finds keys in a file that other processes append to and overwrite: the memory holds places alone, what stands there counts. */

import { fstatSync, readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gathered } from "../store/gathered.ts";
import { decodeRecord, RECORD_BYTES } from "./key-record.ts";
import { createPlaceIndex } from "./place-index.ts";
import { walkRecords } from "./walk-records.ts";
import type { WrappedKey } from "./wrapped-key.ts";

export interface PlacedKey {
  readonly place: number;
  readonly key: WrappedKey;
}

export interface KeyReading {
  /** All that are there under each name, from the first to the last; later ones may be missing where one is found. */
  readonly find: (names: readonly string[]) => Promise<ReadonlyMap<string, readonly PlacedKey[]>>;
  /** Reads on to the end of the file. */
  readonly refresh: () => Promise<void>;
  /** @returns what counts under the names of these keys once `write` has appended them */
  readonly counting: (
    keys: readonly WrappedKey[],
    write: () => Promise<void>,
  ) => Promise<ReadonlyMap<string, WrappedKey>>;
}

/** Keys by name that are read for the first time just now. */
type Watch = Map<string, PlacedKey[]>;

const LOOKS = 4;
const LOOK_MS = 1;

/** @param told of the end of each record that is given to somebody */
export function createKeyReading(handle: FileHandle, told: (end: number) => void): KeyReading {
  const index = createPlaceIndex();
  const watches = new Set<Watch>();
  let walkedTo = 0;

  const walkOn = async (): Promise<void> => {
    const { end } = await walkRecords(handle, walkedTo, (place, record) => {
      if (record.kind === "wiped") return;
      const { key } = record;
      index.add(key.name, place);
      for (const watch of watches) watch.get(key.name)?.push({ place, key });
    });
    walkedTo = end;
  };
  const catchUp = gathered<null, true>(Infinity, async (asked) => {
    await walkOn();
    return asked.map(() => true);
  });
  const look = async (name: string): Promise<readonly PlacedKey[]> => {
    const found: PlacedKey[] = [];
    for (const place of index.places(name)) {
      const key = await keyAt(handle, place);
      if (key?.name !== name) continue;
      found.push({ place, key });
      told(place + RECORD_BYTES);
    }
    return found;
  };
  const find: KeyReading["find"] = async (names) => {
    const lookedTo = walkedTo;
    const found = new Map<string, readonly PlacedKey[]>();
    for (const name of names) found.set(name, await look(name));
    const missing = names.filter((name) => found.get(name)?.length === 0);
    if (missing.length === 0) return found;
    if (fstatSync(handle.fd).size > walkedTo) await catchUp(null);
    // Somebody else may have gone on while this one looked.
    if (walkedTo > lookedTo) for (const name of missing) found.set(name, await look(name));
    return found;
  };

  return {
    find,
    refresh: async () => {
      await catchUp(null);
    },
    counting: async (keys, write) => {
      const watch: Watch = new Map(keys.map(({ name }) => [name, []]));
      watches.add(watch);
      try {
        await write();
        await catchUp(null);
      } finally {
        watches.delete(watch);
      }
      const first = new Map<string, WrappedKey>();
      for (const [name, read] of watch) {
        const isAll = index.places(name).length === read.length;
        const [counting] = isAll ? read : await look(name);
        if (counting !== undefined) first.set(name, counting.key);
      }
      return first;
    },
  };
}

/**
 * Reads in this very thread: what was walked through at the start is in the system's memory, where a read takes two
 * microseconds and to hand it to another thread thirty. What is read while another process overwrites it may be of both:
 * looked at again, it is whole.
 * @returns null where the key was wiped
 */
export async function keyAt(handle: FileHandle, place: number): Promise<WrappedKey | null> {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES);
  for (let look = 1; ; look++) {
    const length = readSync(handle.fd, bytes, 0, RECORD_BYTES, place);
    const record = decodeRecord(bytes.subarray(0, length), 0);
    if (record !== null) return record.kind === "key" ? record.key : null;
    if (look === LOOKS) return null;
    await sleep(LOOK_MS);
  }
}
