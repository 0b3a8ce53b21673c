/** Table `test_clocks`: virtual clocks that only move when they are told to, and never back. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import type { TestClocks } from "../contracts/time.ts";
import type { Db, TimestampColumn } from "../database.ts";
import type { EpochMs, Scope } from "../store.ts";
import { timestamp } from "../timestamp.ts";

export interface TestClocksTable {
  readonly id: string;
  readonly now: TimestampColumn;
  readonly created_at: TimestampColumn;
  /** Null: all. */
  readonly centres: readonly string[] | null;
}

const EVERYWHERE: Scope = { centres: "*" };

const COLUMNS = ["id", "now", "created_at as createdAt", "centres"] as const;

export function testClocksOn(context: Context): TestClocks {
  const { db } = context;
  return {
    create: async (id, now, { centres } = EVERYWHERE) => {
      const row = await db
        .insertInto("test_clocks")
        .values({
          ...{ id, now: timestamp(now), created_at: sql<string>`${context.instant()}` },
          centres: centres === "*" ? null : textArray(centres),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(COLUMNS)
        .executeTakeFirst();
      return row ?? null;
    },
    get: async (id, scope = EVERYWHERE) => {
      const query = db.selectFrom("test_clocks").select(COLUMNS).where("id", "=", id);
      return (await query.where(reached(scope)).executeTakeFirst()) ?? null;
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

/** A clock of all centres shows only to whoever reaches all. */
function reached({ centres }: Scope): RawBuilder<boolean> {
  if (centres === "*") return sql<boolean>`true`;
  return sql<boolean>`coalesce(centres <@ ${textArray(centres)}, false)`;
}

function textArray(texts: readonly string[]): RawBuilder<string[]> {
  return sql<string[]>`${[...texts]}::text[]`;
}

export async function readTestClock(db: Db, id: string): Promise<EpochMs | null> {
  const query = db.selectFrom("test_clocks").select("now").where("id", "=", id);
  return (await query.executeTakeFirst())?.now ?? null;
}
