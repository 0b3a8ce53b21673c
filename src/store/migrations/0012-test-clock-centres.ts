/** A test clock is of its maker's centres. Those before, and those of a server of the release before, are of all. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table test_clocks add column centres text[]`.execute(db);
}
