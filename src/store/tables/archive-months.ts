/** The months of the archive: partitions are made before an order needs them, and may be taken out and put back. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import { readClock } from "../context.ts";
import type { ArchiveMonth } from "../contracts/archive.ts";
import type { Db } from "../database.ts";
import type { EpochMs } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { monthOf } from "./archive-places.ts";

const PARENTS = ["archived_orders", "archived_entries"] as const;
/** How many months from this one on have their partitions before anything comes for them. */
const MONTHS_AHEAD = 3;
/** A lock of two numbers never meets the locks of one that other tables take. */
const LOCK = sql`7, 15`;

export async function prepareMonths(context: Context): Promise<void> {
  const now = new Date(await readClock(context));
  const ahead = Array.from({ length: MONTHS_AHEAD }, (_, months) =>
    monthOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months)),
  );
  await makeRoom(context, ahead);
}

/**
 * Makes the partitions that are missing, where no tables of their names lie beside the archive.
 * @returns the months that orders can move to
 */
export async function makeRoom(
  context: Context,
  months: readonly string[],
): Promise<ReadonlySet<string>> {
  const there = await attachedMonths(context.db);
  const missing = months.filter((month) => !there.has(month));
  if (missing.length === 0) return there;
  return inTransaction(context, async ({ db }) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    const known = new Set((await listMonths(db)).map(({ month }) => month));
    for (const month of missing) if (!known.has(month)) await create(db, month);
    return attachedMonths(db);
  });
}

/** Attached, and those whose tables lie beside the archive under the names that `create` gives. */
export async function listMonths(db: Db): Promise<readonly ArchiveMonth[]> {
  const { rows } = await sql<ArchiveMonth>`
    select replace(right(name, 7), '_', '-') as month, bool_and(attached) as attached,
      array_agg(name order by name desc) as tables, sum(bytes)::bigint as bytes
    from (
      select relname::text as name, relispartition as attached, pg_total_relation_size(oid) as bytes
      from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r'
        and relname ~ ${`^(${PARENTS.join("|")})_\\d{4}_\\d\\d$`}
    ) as part
    group by 1 order by 1`.execute(db);
  return rows;
}

/** Both tables or none. Whoever reads the archive at this moment is waited for, and waits. */
export async function detachMonth(context: Context, month: string): Promise<boolean> {
  return inTransaction(context, async ({ db }) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    if (!(await attachedMonths(db)).has(month)) return false;
    for (const parent of PARENTS) {
      await sql`alter table ${sql.table(parent)} detach partition ${part(parent, month)}`.execute(
        db,
      );
    }
    return true;
  });
}

export async function attachMonth(context: Context, month: string): Promise<boolean> {
  return inTransaction(context, async ({ db }) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    const found = (await listMonths(db)).find((each) => each.month === month);
    if (found === undefined || found.attached || found.tables.length < PARENTS.length) return false;
    for (const parent of PARENTS) await attach(db, parent, month);
    return true;
  });
}

async function attachedMonths(db: Db): Promise<ReadonlySet<string>> {
  const months = await listMonths(db);
  const whole = months.filter(({ attached, tables }) => attached && tables.length === 2);
  return new Set(whole.map(({ month }) => month));
}

/** `create table … partition of` would keep every reader of the archive out; to attach one does not. */
async function create(db: Db, month: string): Promise<void> {
  for (const parent of PARENTS) {
    await sql`create table ${part(parent, month)} (like ${sql.table(parent)} including all)`.execute(
      db,
    );
    await attach(db, parent, month);
  }
}

async function attach(db: Db, parent: string, month: string): Promise<void> {
  await sql`alter table ${sql.table(parent)} attach partition ${part(parent, month)}
    for values from (${firstInstant(month)}) to (${firstInstant(month, 1)})`.execute(db);
}

function part(parent: string, month: string): RawBuilder<unknown> {
  return sql.table(`${parent}_${month.replace("-", "_")}`);
}

/** Bounds take no parameters. */
function firstInstant(month: string, later = 0): RawBuilder<unknown> {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return sql.lit(new Date(Date.UTC(year, number - 1 + later)).toISOString());
}

/** Where orders closed at these instants would lie. */
export function monthsOf(instants: readonly EpochMs[]): readonly string[] {
  return [...new Set(instants.map(monthOf))];
}
