/** A row of table `jobs`, and the job that it holds. */

import { sql, type RawBuilder, type Selectable } from "kysely";

import type { Context } from "../context.ts";
import type { JobOrder, StoredJob } from "../contracts/jobs.ts";
import type { TimestampColumn } from "../database.ts";
import { parseObject } from "../json-text.ts";
import type { OrdersTable } from "./orders.ts";

export interface JobsTable {
  readonly order_id: string;
  readonly id: string;
  readonly type: string;
  readonly item: string | null;
  /** JSON text. */
  readonly input: string;
  readonly opened_at: TimestampColumn;
  /** Not offered before; while a lease runs, its end. */
  readonly available_at: TimestampColumn;
  readonly attempts: number;
  readonly worker: string | null;
  readonly lease_token: string | null;
  readonly lease_until: TimestampColumn | null;
  /** An incident on it is open. */
  readonly stuck: boolean;
  /** The order's; '': the order knows it. */
  readonly centre: string | null;
  readonly roles: readonly string[];
  /** Null: it is never exhausted. */
  readonly retries: number | null;
  /** The `sub` that the last claim was made under; null: the engine's own, or none. */
  readonly claimed_by: string | null;
}

export type JobRow = Selectable<JobsTable>;

export function isRunning(context: Context): RawBuilder<boolean> {
  return sql<boolean>`coalesce(lease_until > ${context.instant()}, false)`;
}

export function jobOf(row: JobRow, isLeased: boolean): StoredJob {
  const { id, type, item, attempts, roles, retries } = row;
  return {
    ...{ orderId: row.order_id, id, type, item, input: parseObject(row.input), attempts, roles },
    ...(retries === null ? {} : { retries }),
    state: row.stuck ? "incident" : isLeased ? "leased" : "open",
    ...{ openedAt: row.opened_at, availableAt: row.available_at },
    worker: isLeased ? row.worker : null,
    leaseUntil: isLeased ? row.lease_until : null,
  };
}

/** A job's row and what its order is. */
export type OrderedRow = JobRow &
  Pick<OrdersTable, "process" | "version" | "digest" | "business_key" | "revision"> & {
    readonly order_centre: string | null;
  };

export const ORDER_COLUMNS = sql`orders.process, orders.version, orders.digest,
  orders.business_key, orders.revision, orders.centre as order_centre`;

export function jobOrderOf(row: OrderedRow): JobOrder {
  const { process, version, digest, revision } = row;
  return {
    ...{ id: row.order_id, process, version, digest },
    ...{ businessKey: row.business_key, centre: row.order_centre, revision },
  };
}
