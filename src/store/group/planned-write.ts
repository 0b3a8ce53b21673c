/** A decision to write, with all that its rows are made of: what a batch is a list of. */

import type { Json } from "../../../machines/json.ts";
import type { IdempotencyKey } from "../contracts/idempotency.ts";
import type { EpochMs, OrderWrite, StoredOrder } from "../store.ts";
import { hasTimestamp } from "../timestamp.ts";

export interface PlannedWrite {
  readonly orderId: string;
  /** As it was decided on; null: the write makes the order. */
  readonly current: StoredOrder | null;
  readonly write: OrderWrite;
  /** By the database's clock, when it was decided. */
  readonly now: EpochMs;
  readonly key: IdempotencyKey | null;
  /** Where the snapshot is written; null: nowhere, it follows from the checkpoint and the entries after it. */
  readonly keep: "in the row" | "as checkpoint" | null;
}

/**
 * Whether the decision's effect is rows of the order alone, which a statement for many orders can write. What else it
 * touches (incidents, reservations, leases that go back, a test clock) takes a transaction of its own.
 */
export function isPlain(current: StoredOrder | null, write: OrderWrite): boolean {
  if (current !== null && (current.status === "incident" || current.testClock !== null)) {
    return false;
  }
  const { resolution, jobs } = write;
  if (resolution !== undefined || (jobs.undone ?? []).length > 0) return false;
  return isContinuing(current, write) && instantsOf(write).every(hasTimestamp);
}

/** The history is one line: a decision that would tear it is refused where one order is written alone. */
function isContinuing(current: StoredOrder | null, { entry }: OrderWrite): boolean {
  if (entry.revision !== (current?.revision ?? 0) + 1) return false;
  return current === null || entry.at >= current.at;
}

function instantsOf({ entry, timers, tasks }: OrderWrite): readonly EpochMs[] {
  return [
    entry.at,
    ...timers.set.map(({ dueAt }) => dueAt),
    ...tasks.opened.flatMap(({ openedAt, dueAt }) =>
      dueAt === null ? [openedAt] : [openedAt, dueAt],
    ),
  ];
}

/** About how much of a statement it takes; a character counts as a byte. */
export function bytesOf({ write, keep }: PlannedWrite): number {
  const { order, entry, sealed, outbox, jobs } = write;
  let bytes = entry.line.length + (keep === null ? 0 : order.snapshot.text.length);
  for (const { box } of sealed) bytes += box.length;
  for (const { params, values } of outbox) bytes += sizeOf(params) + sizeOf(values);
  for (const { input } of jobs.opened) bytes += sizeOf(input);
  return bytes;
}

/** About as long as the value's JSON text, which is not written just to be measured. */
function sizeOf(value: Json): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return SCALAR;
  let size = SCALAR;
  for (const key of Object.keys(value)) size += key.length + SCALAR;
  for (const each of Object.values(value)) size += sizeOf(each);
  return size;
}

const SCALAR = 4;

/** The order as the write leaves it. */
export function writtenOrder({ orderId, current, write, now }: PlannedWrite): StoredOrder {
  const { order, entry } = write;
  const { tags: _tags, ...head } = order;
  return {
    id: orderId,
    ...head,
    revision: entry.revision,
    lastHash: entry.hash,
    at: entry.at,
    createdAt: current?.createdAt ?? now,
    updatedAt: Math.max(current?.updatedAt ?? now, now),
    testClock: null,
    subject: current === null ? (write.subject ?? null) : current.subject,
  };
}
