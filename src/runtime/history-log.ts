/** What the log over all entries says to those who ask: its checkpoints and keys, and proofs of what they sign. */

import {
  consistencyParts,
  consistencyProof,
  inclusionParts,
  inclusionProof,
} from "../audit/log/proof.ts";
import { hashesIn, tilesFor } from "../audit/log/tiles.ts";
import type { Hash } from "../audit/log/tree.ts";
import type { MerkleLog, StoredCheckpoint, StoredLogKey } from "../store/contracts/merkle-log.ts";
import type { HistoryEntry, Store, StoredOrder } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import type { Clock } from "./ports.ts";

/** That an entry stands in the log as a checkpoint signs it. */
export interface EntryProof {
  /** In the feed, from 1: the leaf's index is one less. */
  readonly position: number;
  readonly checkpoint: StoredCheckpoint;
  /** From the leaf up (RFC 6962 2.1.1). */
  readonly path: readonly Hash[];
}

export interface HistoryLog {
  readonly newest: () => Promise<StoredCheckpoint | null>;
  /** Those over fewer entries than `before`, the newest first. */
  readonly list: (page: {
    readonly before?: number;
    readonly limit: number;
  }) => Promise<readonly StoredCheckpoint[]>;
  readonly keys: () => Promise<readonly StoredLogKey[]>;
  /**
   * That the log of so many entries goes on from the one of fewer (RFC 6962 2.1.2).
   * @returns null when it has not so many yet
   */
  readonly consistency: (from: number, size: number) => Promise<readonly Hash[] | null>;
  /** Waits so long for a checkpoint that covers the entry. @returns null when there is none by then */
  readonly prove: (
    order: StoredOrder,
    entry: HistoryEntry,
    patienceMs: number,
  ) => Promise<EntryProof | null>;
}

const LOOK_EVERY_MS = 250;

export function createHistoryLog({
  store: { log },
  bus,
  clock,
}: {
  readonly store: Pick<Store, "log">;
  readonly bus: Pick<Bus, "subscribe">;
  readonly clock: Clock;
}): HistoryLog {
  return {
    newest: log.newest,
    list: ({ before = Number.MAX_SAFE_INTEGER, limit }) => log.checkpointsBefore(before, limit),
    keys: log.keys,
    consistency: async (from, size) => {
      const newest = await log.newest();
      if (newest === null || newest.size < size) return null;
      return consistencyOf(log, from, size);
    },
    prove: async (order, entry, patienceMs) => {
      const until = clock.now() + patienceMs;
      for (;;) {
        const proof = await proofOf(log, order, entry);
        const leftMs = until - clock.now();
        if (proof !== null || leftMs <= 0) return proof;
        await news({ bus, clock }, Math.min(leftMs, LOOK_EVERY_MS));
      }
    },
  };
}

/** Of the first checkpoint kept that covers the entry; null: none does yet. */
async function proofOf(
  log: MerkleLog,
  order: StoredOrder,
  { revision, at }: Pick<HistoryEntry, "revision" | "at">,
): Promise<EntryProof | null> {
  const position = await log.position(order.id, revision, nearOf(order, revision, at));
  const checkpoint = position === null ? null : await log.covering(position);
  if (position === null || checkpoint === null) return null;
  const { size } = checkpoint;
  const tiles = await log.tiles(tilesFor(inclusionParts(position - 1, size)));
  return { position, checkpoint, path: inclusionProof(position - 1, size, hashesIn(tiles)) };
}

export async function consistencyOf(
  log: MerkleLog,
  from: number,
  size: number,
): Promise<readonly Hash[]> {
  const tiles = await log.tiles(tilesFor(consistencyParts(from, size)));
  return consistencyProof(from, size, hashesIn(tiles));
}

/** An instant of the database's clock, not after the entry was written: a test clock says nothing of that. */
function nearOf(order: StoredOrder, revision: number, at: number): number {
  if (order.testClock === null) return at;
  return revision === order.revision ? order.updatedAt : order.createdAt;
}

async function news(
  { bus, clock }: { readonly bus: Pick<Bus, "subscribe">; readonly clock: Clock },
  ms: number,
): Promise<void> {
  const over = new AbortController();
  const end = bus.subscribe("checkpoints", () => over.abort());
  await clock.sleep(ms, over.signal);
  end();
}
