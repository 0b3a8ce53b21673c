/** Sends a batch as one statement; what another transaction holds for longer than a moment is left out of it. */

import type { Database } from "../database.ts";
import type { EpochMs } from "../store.ts";
import { batchStatement, batchValues, unlockedBatchStatement } from "./batch-statement.ts";
import type { PlannedWrite } from "./planned-write.ts";

interface Written {
  readonly ids: readonly string[];
  readonly now: EpochMs;
}

/** PostgreSQL error codes, appendix A: deadlock, lock not available in time. */
const HELD_UP: ReadonlySet<unknown> = new Set(["40P01", "55P03"]);

/** @returns ids of the orders moved, and what the database's clock said */
export async function writeBatch(
  { prepared }: Pick<Database, "prepared">,
  writes: readonly PlannedWrite[],
): Promise<Written> {
  const values = batchValues(writes.toSorted(byOrder));
  const rows = await prepared<Written>(batchStatement, values).catch((error: unknown) => {
    if (!isHeldUp(error)) throw error;
    return prepared<Written>(unlockedBatchStatement, values);
  });
  const [written] = rows;
  if (written === undefined) throw new Error("expected one row from the batch, found none");
  return written;
}

/** Servers lock orders in one order, so that two batches never wait for each other. */
function byOrder({ orderId: one }: PlannedWrite, { orderId: other }: PlannedWrite): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function isHeldUp(error: unknown): boolean {
  return error instanceof Error && "code" in error && HELD_UP.has(error.code);
}
