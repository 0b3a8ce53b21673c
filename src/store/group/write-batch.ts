/** Sends a batch as one statement; what another transaction holds for longer than a moment is left out of it. */

import { isJsonArray } from "../../../machines/json.ts";
import { only } from "../context.ts";
import type { Database, Db, PreparedStatement } from "../database.ts";
import { parseObject } from "../json-text.ts";
import type { EpochMs } from "../store.ts";
import { batchStatement, batchValues, type BatchForm } from "./batch-statement.ts";
import type { PlannedWrite } from "./planned-write.ts";

interface Written {
  readonly ids: readonly string[];
  /** By the database's clock. */
  readonly now: EpochMs;
  /** Whether any webhook is enabled. */
  readonly isTold: boolean;
}

export type WriteBatch = (writes: readonly PlannedWrite[]) => Promise<Written>;

/** PostgreSQL error codes, appendix A: deadlock, lock not available in time. */
const HELD_UP: ReadonlySet<unknown> = new Set(["40P01", "55P03"]);

export function createWriteBatch({ db, prepared }: Pick<Database, "db" | "prepared">): WriteBatch {
  // Most servers have nobody to tell: to say what happened all the same is worth a tenth of the whole.
  let isTelling = false;
  const statementOf = createStatements(db);

  const send = async (writes: readonly PlannedWrite[], form: BatchForm): Promise<Written> => {
    const values = batchValues(writes, form);
    const written = writtenIn(only(await prepared(statementOf(form), values)));
    isTelling = written.isTold;
    return written;
  };

  const patiently = (writes: readonly PlannedWrite[], tells: boolean): Promise<Written> =>
    send(writes, { isTelling: tells, isImpatient: false }).catch((error: unknown) => {
      if (!isHeldUp(error)) throw error;
      return send(writes, { isTelling: tells, isImpatient: true });
    });

  return async (writes) => {
    const sorted = writes.toSorted(byOrder);
    // Other batches learn meanwhile whether anybody is told: what this one wrote, it knows by what it was sent as itself.
    const tells = isTelling;
    const written = await patiently(sorted, tells);
    // Somebody wants to be told since: nothing was written yet.
    return written.isTold && !tells ? patiently(sorted, true) : written;
  };
}

function createStatements(db: Db): (form: BatchForm) => PreparedStatement {
  const made = new Map<string, PreparedStatement>();
  return (form) => {
    const key = JSON.stringify(form);
    const statement = made.get(key) ?? batchStatement(db, form);
    made.set(key, statement);
    return statement;
  };
}

function writtenIn(text: string): Written {
  const { ids, now, isTold } = parseObject(text);
  if (!isJsonArray(ids) || typeof now !== "number") {
    throw new Error(`expected what a batch wrote, found ${text}`);
  }
  return { ids: ids.filter((id) => typeof id === "string"), now, isTold: isTold === true };
}

/** Servers lock orders in one order, so that two batches never wait for each other. */
function byOrder({ orderId: one }: PlannedWrite, { orderId: other }: PlannedWrite): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function isHeldUp(error: unknown): boolean {
  return error instanceof Error && "code" in error && HELD_UP.has(error.code);
}
