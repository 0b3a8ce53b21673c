/** Table `resources`: one row for each bay, technician or tool ever asked for; its lock serialises who reserves. */

import { sql } from "kysely";

import type { Db } from "../database.ts";

export interface ResourcesTable {
  readonly id: string;
}

/** Locks the resources until the transaction's end, always in the order of their ids, so that no two askers deadlock. */
export async function lockResources(db: Db, ids: readonly string[]): Promise<void> {
  const sorted = [...new Set(ids)].toSorted();
  await db
    .insertInto("resources")
    .values(sorted.map((id) => ({ id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .selectFrom("resources")
    .select("id")
    .where(sql<boolean>`id = any(${sorted}::text[])`)
    .orderBy("id")
    .forUpdate()
    .execute();
}
