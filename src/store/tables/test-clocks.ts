/** Table `test_clocks`: virtual clocks that only move when they are told to, and never back. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { TestClocks } from "../contracts/time.ts";
import type { Db, TimestampColumn } from "../database.ts";
import type { EpochMs } from "../store.ts";
import { timestamp } from "../timestamp.ts";

export interface TestClocksTable {
  readonly id: string;
  readonly now: TimestampColumn;
  readonly created_at: TimestampColumn;
}

const COLUMNS = ["id", "now", "created_at as createdAt"] as const;

export function testClocksOn(context: Context): TestClocks {
  const { db } = context;
  return {
    create: async (id, now) => {
      const row = await db
        .insertInto("test_clocks")
        .values({ id, now: timestamp(now), created_at: sql<string>`${context.instant()}` })
        .onConflict((conflict) => conflict.doNothing())
        .returning(COLUMNS)
        .executeTakeFirst();
      return row ?? null;
    },
    get: async (id) => {
      const query = db.selectFrom("test_clocks").select(COLUMNS);
      return (await query.where("id", "=", id).executeTakeFirst()) ?? null;
    },
    advance: async (id, to) => {
      const row = await db
        .updateTable("test_clocks")
        .set({ now: sql<string>`greatest(now, ${timestamp(to)}::timestamptz)` })
        .where("id", "=", id)
        .returning(COLUMNS)
        .executeTakeFirst();
      return row ?? null;
    },
  };
}

export async function readTestClock(db: Db, id: string): Promise<EpochMs | null> {
  const query = db.selectFrom("test_clocks").select("now").where("id", "=", id);
  return (await query.executeTakeFirst())?.now ?? null;
}
