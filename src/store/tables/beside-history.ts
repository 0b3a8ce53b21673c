/** Reads what lies beside an order's history, in one statement, so that all of it is of one revision. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { BesideHistory, ReadBeside } from "../contracts/beside-history.ts";

export function readBesideOn({ db }: Context): ReadBeside {
  return async (orderId) => {
    const { rows } = await sql<BesideHistory>`
      select revision, projected is not distinct from revision as "isProjected", tags,
        (select coalesce(json_agg(json_build_object(
            'id', id, 'dueAt', floor(extract(epoch from due_at) * 1000))), '[]')
          from timers where timers.order_id = orders.id) as timers,
        (select coalesce(json_agg(json_build_object(
            'id', id, 'type', type, 'item', item, 'input', input::text)), '[]')
          from jobs where jobs.order_id = orders.id) as jobs,
        (select coalesce(json_agg(json_build_object(
            'item', nullif(item, ''), 'state', state, 'role', role)), '[]')
          from tasks where tasks.order_id = orders.id) as tasks,
        (select count(*) from outbox where outbox.order_id = orders.id)::integer as messages
      from orders where id = ${orderId}`.execute(db);
    return rows[0] ?? null;
  };
}
