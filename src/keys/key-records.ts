/** What a keystore stands on: wrapped keys by name, and one envelope beside them; a folder and a Postgres server give it. */

import type { WrappedKey } from "./wrapped-key.ts";

/** Each method throws `StoreUnavailable` when the place can't be reached. */
export interface KeyRecords {
  /** Where it is, in words for a reader; never a password. */
  readonly place: string;
  /** Whether a keystore was made here; may be asked before `prepare`, and makes nothing. */
  readonly isThere: () => Promise<boolean>;
  /** Makes the place ready; changes nothing where it is. */
  readonly prepare: () => Promise<void>;
  /** Of several records of one name, the first that was added and is still there counts, for everybody. */
  readonly find: (names: readonly string[]) => Promise<ReadonlyMap<string, WrappedKey>>;
  /**
   * Takes part in the order of all additions; what it adds may not be on the disk yet.
   * @returns what counts under each name then; nothing under one that was wiped meanwhile
   */
  readonly add: (keys: readonly WrappedKey[]) => Promise<ReadonlyMap<string, WrappedKey>>;
  /** Whatever this process has found or added is on the disk when it resolves. */
  readonly settle: () => Promise<void>;
  /** Overwrites what is there; on the disk when it resolves. @returns how many names had a key */
  readonly wipe: (names: readonly string[]) => Promise<number>;
  /** Grows with each call of `wipe`, on any server, before it resolves. */
  readonly wipes: () => Promise<number>;
  /**
   * Puts another wrapping in the place of each record that `rewrap` gives one for. A record that is wiped meanwhile stays
   * wiped. On the disk when it resolves.
   * @param names whose; null: all
   * @returns how many changed
   */
  readonly rewrap: (
    names: readonly string[] | null,
    anew: (key: WrappedKey) => WrappedKey | null,
  ) => Promise<number>;
  readonly count: () => Promise<KeyCounts>;
  /** null: there is none yet. */
  readonly envelope: () => Promise<string | null>;
  /** Only in the place of exactly that text, or of none. @returns false when another one was there */
  readonly replaceEnvelope: (expected: string | null, text: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface KeyCounts {
  /** Keys that are there, by the id of their wrapper. */
  readonly live: ReadonlyMap<string, number>;
  readonly destroyed: number;
  /** Of a file: bytes that are no record, such as half of one that a power cut left. */
  readonly damagedBytes: number;
}
