/** The archive of closed orders: what moves them there, and what an operator does with its months. */

import { sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE } from "kysely/migration";

import { only, readClock, type Context } from "../context.ts";
import type { Archive } from "../contracts/archive.ts";
import { attachMonth, detachMonth, listMonths, prepareMonths } from "./archive-months.ts";
import { moveToArchive } from "./archive-move.ts";

export function archiveOn(context: Context, kind: "postgres" | "pglite"): Archive {
  return {
    move: (request) => moveToArchive(context, request),
    knownForMs: () =>
      kind === "pglite" ? Promise.resolve(Number.POSITIVE_INFINITY) : knownForMs(context),
    prepare: () => prepareMonths(context),
    months: () => listMonths(context.db),
    detach: (month) => detachMonth(context, month),
    attach: (month) => attachMonth(context, month),
  };
}

async function knownForMs(context: Context): Promise<number> {
  const { rows } = await sql<{ readonly at: string }>`
    select timestamp as at from ${sql.table(DEFAULT_MIGRATION_TABLE)}
    where name = '0015-archive'`.execute(context.db);
  return (await readClock(context)) - Date.parse(only(rows).at);
}
