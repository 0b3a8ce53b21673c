/**
 * Lays the tables of orders into partitions, one after the other, each as a whole or not at all: what was stopped in
 * between goes on where it was, and a mixture of both works like either.
 */

import type { Database } from "../database.ts";
import { hindrances, type Hindrance } from "./hindrances.ts";
import { splitTable } from "./split-table.ts";
import { splitTables, type SplitTable } from "./split-tables.ts";

export interface PartitionPlan {
  readonly tables: readonly PlannedTable[];
  /** Free at the most crowded moment: the largest table stands twice, and the log holds it a third time. */
  readonly freeBytes: number;
  readonly hindrances: readonly Hindrance[];
}

export interface PlannedTable extends SplitTable {
  readonly isDone: boolean;
}

export interface PartitionProgress {
  readonly planned: (plan: PartitionPlan) => void;
  readonly copied: (table: string, share: number) => void;
  readonly done: (table: string) => void;
}

export interface PartitionOptions {
  /** 1: back into one table each. */
  readonly into: number;
  /** Says what would be done, and does nothing. */
  readonly isDryRun: boolean;
}

/** Beyond that many, planning and locking them costs more than they could save. */
export const MOST_PARTITIONS = 64;

/** @returns false when something hindered it, as the plan says, and nothing was done */
export function partition(
  database: Pick<Database, "migrating">,
  { into, isDryRun }: PartitionOptions,
  progress: PartitionProgress,
): Promise<boolean> {
  return database.migrating(async (db) => {
    const tables = (await splitTables(db)).map((table) => ({
      ...table,
      isDone: table.parts === into,
    }));
    const open = tables.filter(({ isDone }) => !isDone);
    const names = tables.map(({ name }) => name);
    const plan: PartitionPlan = {
      tables,
      freeBytes: 2 * Math.max(0, ...open.map(({ bytes }) => bytes)),
      hindrances: await hindrances(db, names, into),
    };
    progress.planned(plan);
    if (isDryRun) return true;
    if (plan.hindrances.length > 0) return false;
    for (const table of open) {
      await splitTable(db, table, into, (share) => progress.copied(table.name, share));
      progress.done(table.name);
    }
    return true;
  });
}
