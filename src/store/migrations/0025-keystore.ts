/** Which keystore this database's values are sealed under: a server with another one would seal what nobody else can open. */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table keystore (
      only_one boolean primary key default true check (only_one),
      id text not null
    )`.execute(db);
}
