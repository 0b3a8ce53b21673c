/** Table `log_keys`: the keys that sign the log's checkpoints, one after the other. */

import type { Context } from "../context.ts";
import { readClock } from "../context.ts";
import type { MerkleLog, StoredLogKey } from "../contracts/merkle-log.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { timestamp } from "../timestamp.ts";
import { inTransaction } from "../transaction.ts";
import { lockLog, newestCheckpoint } from "./log-checkpoints.ts";

export interface LogKeysTable {
  /** Counted from 1: the highest is the current one's. */
  readonly number: number;
  readonly key_id: string;
  readonly vkey: string;
  readonly since: number;
  readonly added_at: TimestampColumn;
  readonly vouched: string | null;
}

const COLUMNS = ["key_id as keyId", "vkey", "since", "added_at as addedAt", "vouched"] as const;

export async function listKeys(db: Db): Promise<readonly StoredLogKey[]> {
  return db.selectFrom("log_keys").select(COLUMNS).orderBy("number").execute();
}

export async function currentKey(db: Db): Promise<StoredLogKey | null> {
  const query = db.selectFrom("log_keys").select(COLUMNS).orderBy("number", "desc").limit(1);
  return (await query.executeTakeFirst()) ?? null;
}

/** Under the log's lock: nothing is signed meanwhile, and of two who add one the second one meets the first one's. */
export function addKey(
  context: Context,
  follows: string | null,
  make: Parameters<MerkleLog["addKey"]>[1],
): Promise<boolean> {
  return inTransaction(context, async (inner) => {
    await lockLog(inner.db);
    const keys = await listKeys(inner.db);
    if ((keys.at(-1)?.keyId ?? null) !== follows) return false;
    const size = (await newestCheckpoint(inner.db))?.size ?? 0;
    const now = await readClock(inner);
    const { keyId, vkey, vouched } = make(size, now);
    await inner.db
      .insertInto("log_keys")
      .values({
        ...{ number: keys.length + 1, key_id: keyId, vkey, vouched },
        ...{ since: size, added_at: timestamp(now) },
      })
      .execute();
    return true;
  });
}
