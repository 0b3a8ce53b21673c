/**
 * A round of the sequencer as a function: one round trip and one commit, planned once per connection. As statements of
 * their own, lock and look and planning cost a round of a hundred entries more than its work.
 */

import { sql, type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  // Each statement of a function sees what was committed before it: the one that numbers, all of the lock's last holder.
  await sql`
    create function feed_sequence(
      most integer, out is_busy boolean, out numbered integer, out reached bigint
    ) language plpgsql as $$
    begin
      is_busy := false;
      numbered := 0;
      if exists (select from feed_batches) or exists (select from feed_pending) then
        is_busy := not pg_try_advisory_xact_lock(7, 7);
        if is_busy then
          return;
        end if;
        ${sql.raw(APPEND)}
      end if;
      select coalesce(max(position), 0) into reached from feed;
    end $$`.execute(db);
}

/** Rows first, then batches, of which the last one may be too long for this round: its rest waits for the next. */
const APPEND = `
  with oldest as materialized (
    select order_id, revision, arrival from feed_pending order by arrival limit most
  ), room as (
    select most - count(*)::integer as room from oldest
  ), taken as materialized (
    select id, order_ids, revisions, size, least(size, room - before) as used
    from (
      select *, sum(size) over (order by id) - size as before
      from (
        select *, cardinality(order_ids) as size from feed_batches order by id limit most
      ) as batch
    ) as batch cross join room
    where before < room
  ), waiting as (
    select row_number() over (order by batch, place) as place, order_id, revision
    from (
      select 0::bigint as batch, arrival as place, order_id, revision from oldest
      union all
      select id, entry.place, entry.order_id, entry.revision
      from taken cross join unnest(order_ids[:used], revisions[:used])
        with ordinality as entry (order_id, revision, place)
    ) as each
  ), dropped as (
    delete from feed_pending using oldest
    where feed_pending.order_id = oldest.order_id and feed_pending.revision = oldest.revision
  ), emptied as (
    delete from feed_batches using taken where feed_batches.id = taken.id and used = size
  ), shortened as (
    update feed_batches
    set order_ids = taken.order_ids[used + 1:], revisions = taken.revisions[used + 1:]
    from taken where feed_batches.id = taken.id and used < size
  ), last as (
    select coalesce(max(position), 0) as position from feed
  ), appended as (
    insert into feed (position, order_id, revision, process, centre)
    select last.position + place, order_id, waiting.revision, process, centre
    from waiting cross join last left join orders on orders.id = order_id
    returning position
  )
  select count(*) into numbered from appended;`;
