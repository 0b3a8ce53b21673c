/** What the statements of every table share: the database, its clock, and whom a row shows to. */

import { sql, type RawBuilder } from "kysely";

import { createLru, type Lru } from "../audit/lru.ts";
import type { Snapshot } from "../audit/snapshot.ts";
import type { Db } from "./database.ts";
import type { EpochMs, Ports, Scope } from "./store.ts";
import { timestamp } from "./timestamp.ts";

export interface Context {
  readonly db: Db;
  readonly ports: Ports;
  /** Whether an order lies on another machine than the next one: what is written touches one order, or none. */
  readonly isDistributed: boolean;
  /**
   * This very instant inside a statement, not the transaction's start; in whole milliseconds like every instant that
   * leaves the store, so that a cursor names its row exactly.
   */
  readonly instant: () => RawBuilder<EpochMs>;
  /** Canonical texts of definitions by digest, of the processes whose orders were rebuilt last. */
  readonly texts: Lru<string, ReadonlyMap<string, string>>;
  /** Is told what the database's clock says, whenever a statement tells. */
  readonly onClock?: (now: EpochMs) => void;
  /** Is told an instant that the database's clock has reached. */
  readonly onReached?: (at: EpochMs) => void;
  /** Absent where orders are not kept. */
  readonly hot?: HotSnapshots;
}

/** What this server keeps of the orders that it moved last. */
export interface HotSnapshots {
  /** Null: not as of this very entry. */
  readonly snapshot: (orderId: string, lastHash: string) => Snapshot | null;
  /** Of one order, or of all. */
  readonly forget: (orderId?: string) => void;
}

/** Processes whose definitions' texts are kept. */
const TEXTS = 64;

export function contextOf(db: Db, ports: Ports, isDistributed = false): Context {
  const { clock } = ports;
  return {
    ...{ db, ports, isDistributed },
    texts: createLru(TEXTS),
    instant: () =>
      clock === undefined
        ? sql<EpochMs>`date_trunc('milliseconds', clock_timestamp())`
        : sql<EpochMs>`${timestamp(clock())}::timestamptz`,
  };
}

export async function readClock(context: Context): Promise<EpochMs> {
  if (context.ports.clock !== undefined) return context.ports.clock();
  const { rows } = await sql<{ now: EpochMs }>`select clock_timestamp() as now`.execute(context.db);
  const { now } = only(rows);
  context.onClock?.(now);
  return now;
}

/**
 * Where orders are distributed a statement that writes must not ask for the time, which each machine tells differently: it
 * is asked for beforehand, and stands still from then on.
 */
export async function stilled(context: Context): Promise<Context> {
  return context.isDistributed ? at(context, await readClock(context)) : context;
}

/** Of distributed orders, with that instant for every one to come. */
export function at(context: Context, now: EpochMs): Context {
  if (!context.isDistributed) return context;
  return { ...context, instant: () => sql<EpochMs>`${timestamp(now)}::timestamptz` };
}

/** A condition on a `centre` column; a null centre shows to `"*"` only. */
export function visible(scope: Scope, column = "centre"): RawBuilder<boolean> {
  if (scope.centres === "*") return sql<boolean>`true`;
  return sql<boolean>`${sql.ref(column)} = any(${[...scope.centres]}::text[])`;
}

/** Now and some milliseconds, as the database reckons. */
export function fromNow(context: Context, ms: number): RawBuilder<EpochMs> {
  return sql<EpochMs>`${context.instant()} + ${ms}::float8 * interval '1 millisecond'`;
}

export function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new Error(`expected one row from the database, found ${rows.length}`);
  }
  return row;
}

/** Equality by an index on the column's beginning: `left(column, 200)`. */
export function equalsName(column: string, name: string): RawBuilder<boolean> {
  const text = sql.ref(column);
  return sql<boolean>`(left(${text}, 200) = left(${name}, 200) and ${text} = ${name})`;
}
