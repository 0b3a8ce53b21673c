/** Table `default_versions`: which version of a process new orders take. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { DefaultVersion } from "../contracts/definitions.ts";
import type { Db, TimestampColumn } from "../database.ts";

export interface DefaultVersionsTable {
  readonly process: string;
  readonly version: string;
  readonly set_by: string;
  readonly set_at: TimestampColumn;
}

export async function getDefault(db: Db, process: string): Promise<DefaultVersion | null> {
  const row = await db
    .selectFrom("default_versions")
    .select(["process", "version", "set_by as by", "set_at as at"])
    .where("process", "=", process)
    .executeTakeFirst();
  return row ?? null;
}

/** The first version of a process becomes its default. */
export async function claimDefault(
  context: Context,
  process: string,
  version: string,
  by: string,
): Promise<void> {
  await context.db
    .insertInto("default_versions")
    .values({ process, version, set_by: by, set_at: sql<string>`${context.instant()}` })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** @returns false when the version is not published */
export async function setDefault(
  context: Context,
  process: string,
  version: string,
  by: string,
): Promise<boolean> {
  const row = await context.db
    .insertInto("default_versions")
    .columns(["process", "version", "set_by", "set_at"])
    .expression((from) =>
      from
        .selectFrom("definitions")
        .select((column) => [
          "process",
          "version",
          column.val(by).as("set_by"),
          sql<string>`${context.instant()}`.as("set_at"),
        ])
        .where("process", "=", process)
        .where("version", "=", version),
    )
    .onConflict((conflict) =>
      conflict.column("process").doUpdateSet((row) => ({
        version: row.ref("excluded.version"),
        set_by: row.ref("excluded.set_by"),
        set_at: sql<string>`excluded.set_at`,
      })),
    )
    .returning("process")
    .executeTakeFirst();
  return row !== undefined;
}
