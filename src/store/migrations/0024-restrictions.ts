/** Persons whose data nobody reads for now, by their tags: as long as one case asks for it. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table restrictions (
      subject text not null,
      case_id text not null,
      since timestamptz not null,
      primary key (subject, case_id)
    )`.execute(db);
}
