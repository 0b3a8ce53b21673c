/** What an export of a database must hold, counted by the database itself out of the stored lines, by nothing of ours. */

import { sql } from "kysely";
import type { Database } from "../../src/store/database.ts";

export interface Counts {
  readonly orders: number;
  readonly events: number;
  readonly objects: number;
  /** Of events to objects. */
  readonly e2o: number;
  /** Of objects to each other. */
  readonly o2o: number;
}

/** An event that is addressed to an item, the item's collection, and the field of the payload that names it. */
export interface Addressed {
  readonly type: string;
  readonly collection: string;
  readonly key: string;
}

export async function countsIn({ db }: Database, addressed: readonly Addressed[]): Promise<Counts> {
  const { rows } = await sql<Counts>`
    with line as materialized (
      select order_id, line::jsonb as line from entries
      union all
      select order_id, substr(record, strpos(record, E'\n') + 1)::jsonb
      from archived_entries cross join unnest(records) as record
    ), entry as materialized (
      select order_id, (line->>'revision')::integer as revision, line->>'type' as type, line->'payload' as payload,
        line->'actor'->>'sub' as sub, line->'actor'->>'role' as role,
        coalesce(line->'items', '{}') as items, line->'sealed' as sealed
      from line
    ), item as materialized (
      select order_id, item, count(*) as moves, min(revision) as opened
      from entry cross join jsonb_object_keys(items) as item group by order_id, item
    ), group_ as materialized (
      select distinct order_id, split_part(pointer, '/', 3) as name
      from entry cross join jsonb_object_keys(sealed) as pointer
      where revision = 1 and pointer like '/data/%/%'
        and jsonb_typeof(payload->'data'->split_part(pointer, '/', 3)) = 'object'
    ), actor as materialized (
      select distinct sub, role from entry
    ), same as (
      select coalesce(sum(roles * (roles - 1) / 2), 0) as pairs
      from (select count(*) as roles from actor group by sub) as person
    ), named as (
      select count(*) as named
      from entry join jsonb_to_recordset(${JSON.stringify(addressed)}::jsonb) as known (type text, collection text, key text)
        using (type)
      where exists (
        select from item where item.order_id = entry.order_id and opened <= revision
          and item.item = collection || '/' || (payload->>key)
      )
    ), total as (
      select (select count(*) from entry) as events,
        (select count(distinct order_id) from entry) as orders,
        (select count(*) from item) as items, (select coalesce(sum(moves), 0) from item) as moves,
        (select count(*) from group_) as groups, (select count(*) from actor) as actors
    )
    select orders, events, orders + items + groups + actors as objects,
      2 * events + moves::bigint + groups + named as e2o,
      items + groups + pairs::bigint as o2o
    from total cross join same cross join named`.execute(db);
  const [counts] = rows;
  if (counts === undefined) throw new Error("nothing was counted");
  return counts;
}
