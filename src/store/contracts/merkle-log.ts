/**
 * The log over all entries of all orders: a tree whose leaf `n` stands for the entry at position `n + 1` of the feed. It
 * follows the feed and is made of nothing else; with each round it grows by what is new, and a checkpoint signs it.
 */

import type { Tile, TilePlace } from "../../audit/log/tiles.ts";
import type { EpochMs } from "../store.ts";

/** Of the event by which webhooks that name it are told of each checkpoint; its subject is the note. */
export const CHECKPOINT_TYPE = "sevenstep.log.checkpoint";

export interface StoredCheckpoint {
  /** How many entries it covers: the feed's positions up to it. */
  readonly size: number;
  /** By the database's clock, read after the last entry was. */
  readonly time: EpochMs;
  readonly keyId: string;
  /** The signed note, byte for byte. */
  readonly note: string;
}

export interface StoredLogKey {
  /** 8 hex digits, as notes name it. */
  readonly keyId: string;
  /** What to verify with. */
  readonly vkey: string;
  /** The size of the log when it was given: what it signs is of later entries. */
  readonly since: number;
  readonly addedAt: EpochMs;
  /** The note by which the key before says so; null: it was the first, or the one before was lost. */
  readonly vouched: string | null;
}

/** What a round finds, under the lock of the log. */
export interface LogGrowth {
  /** The last checkpoint: what the log is; null: it has none, and is empty. */
  readonly last: StoredCheckpoint | null;
  /** The tiles at the tree's right edge before this round. */
  readonly edge: readonly Tile[];
  /** Of each new entry the SHA-256 of its line, 32 bytes, one behind the other, in the feed's order. At least one. */
  readonly hashes: Uint8Array;
  readonly now: EpochMs;
}

export interface GrownLog {
  readonly tiles: readonly Tile[];
  readonly checkpoint: StoredCheckpoint;
}

export interface GrowthRequest {
  /** Entries at most. */
  readonly limit: number;
  /** Of the key that would sign. */
  readonly keyId: string;
  /** The size and tiles of this server's last round: they are not read again if the log is still of that size. */
  readonly known: { readonly size: number; readonly edge: readonly Tile[] } | null;
  /** Pure and synchronous. What it throws leaves nothing behind. */
  readonly grow: (growth: LogGrowth) => GrownLog;
}

export type Grown =
  /** Another server is at it. */
  | { readonly kind: "busy" }
  /** Nothing is new. */
  | { readonly kind: "idle" }
  /** The log's current key is another one; null: it has none. */
  | { readonly kind: "another-key"; readonly current: StoredLogKey | null }
  | { readonly kind: "grown"; readonly count: number; readonly checkpoint: StoredCheckpoint };

export interface LoggedEntry {
  readonly position: number;
  readonly orderId: string;
  readonly revision: number;
  /** SHA-256 of the line as it is stored now; null: there is no such entry. */
  readonly hash: Uint8Array | null;
}

export interface MerkleLog {
  /**
   * One round, in one transaction: all or nothing, and of many servers at once one does it. The webhooks that want it are
   * told in the same.
   * @throws {EntryMissing} when an entry of the feed is not there: the log never goes past it
   */
  readonly grow: (request: GrowthRequest) => Promise<Grown>;
  /** The last checkpoint; null: there is none. */
  readonly newest: () => Promise<StoredCheckpoint | null>;
  /** The first one kept that covers so many entries: all of the last day are, later one a minute. */
  readonly covering: (size: number) => Promise<StoredCheckpoint | null>;
  /** Those over more entries than that, the smallest first. */
  readonly checkpoints: (after: number, limit: number) => Promise<readonly StoredCheckpoint[]>;
  /** Those over fewer entries than that, the largest first. */
  readonly checkpointsBefore: (size: number, limit: number) => Promise<readonly StoredCheckpoint[]>;
  /** @throws {TileMissing} naming one that is not there */
  readonly tiles: (places: readonly TilePlace[]) => Promise<readonly Tile[]>;
  /**
   * Where in the feed an entry stands. Its search begins where the log was at that instant, which is the entry's own by the
   * database's clock; another one costs time, and never a wrong answer.
   * @returns null when it has no place (yet)
   */
  readonly position: (orderId: string, revision: number, near: EpochMs) => Promise<number | null>;
  /**
   * What stands in the feed behind a position, so many positions on.
   * @throws {ArchiveDetached} where the month of an order was taken out
   */
  readonly entries: (after: number, limit: number) => Promise<readonly LoggedEntry[]>;
  /** In the order in which they were given; the last one is the current one. */
  readonly keys: () => Promise<readonly StoredLogKey[]>;
  /**
   * Makes a key the current one.
   * @param follows id of the one that is current now; null: none is
   * @param make gets the size of the log and the instant @returns false when another one is current
   */
  readonly addKey: (
    follows: string | null,
    make: (size: number, now: EpochMs) => Omit<StoredLogKey, "since" | "addedAt">,
  ) => Promise<boolean>;
  /** Forgets at most a day's checkpoints over a day old, but for the last of each minute. @returns how many */
  readonly thin: () => Promise<number>;
}
