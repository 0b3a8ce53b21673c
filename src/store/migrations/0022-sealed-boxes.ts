/**
 * Personal values lie encrypted, in a table of their own: servers of the release before can't open them, and there they
 * look like erased ones, whose proofs hold. What those servers still write in clear stays in `sealed` until it has been
 * moved, and once nothing is left there, its file goes with all that was ever in it.
 * Whose data an order holds is one row that stays where it is when the order goes to the archive, also where a server of
 * the release before moves it; `orders` holds it too, because whoever moves an order seals by it.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table orders add column subject text`.execute(db);
  await sql`
    create table order_subjects (
      order_id text primary key,
      subject text not null
    )`.execute(db);
  await sql`create index order_subjects_by_subject on order_subjects (subject)`.execute(db);
  await sql`
    create table sealed_boxes (
      order_id text not null,
      commitment bytea not null,
      box bytea not null
    )`.execute(db);
  await sql`create index sealed_boxes_of_order on sealed_boxes (order_id)`.execute(db);
  // For those who replicate logically: without a key, and without this, Postgres would refuse to erase a row.
  await sql`alter table sealed_boxes replica identity full`.execute(db);
  // Encrypted bytes don't compress: trying would cost every photo its time.
  await sql`alter table sealed_boxes alter column box set storage external`.execute(db);
}
