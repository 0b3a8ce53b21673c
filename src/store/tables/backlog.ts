/** Counts what waits, over the indexes of those who work it off, and never further than the bound. */

import { sql, type RawBuilder } from "kysely";

import { only, type Context } from "../context.ts";
import { MOST_COUNTED, type Backlog } from "../contracts/backlog.ts";

type Counts = Omit<Backlog, "openJobs">;

export async function backlog(context: Context): Promise<Backlog> {
  const now = context.instant();
  const due = sql`from timers where test_clock is null and not stuck and due_at <= ${now}`;
  const { rows } = await sql<Counts>`
    select
      ${upTo(sql`from tasks`)} as "openTasks",
      ${upTo(sql`from incidents where closed_at is null`)} as "openIncidents",
      ${upTo(due)} as "dueTimers",
      coalesce(extract(epoch from ${now} - (select min(due_at) ${due})) * 1000, 0)::float8
        as "timersBehindMs",
      (${upTo(sql`from feed_pending`)} + ${upTo(sql`from feed_batches cross join unnest(revisions)`)})::integer
        as "feedPending",
      ${upTo(sql`from feed where position > coalesce((select max(size) from log_checkpoints), 0)`)}
        as "logPending",
      ${upTo(sql`from deliveries where state = 'pending'`)} as "deliveriesPending",
      ${upTo(sql`from deliveries where state = 'dead'`)} as "deliveriesDead",
      ${upTo(sql`from messages where state = 'kept'`)} as "messagesKept"`.execute(context.db);
  return { ...only(rows), openJobs: await openJobs(context) };
}

async function openJobs({ db }: Context): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ readonly type: string; readonly count: number }>`
    select type, count(*) as count from (select type from jobs limit ${MOST_COUNTED}) as counted
    group by type`.execute(db);
  return new Map(rows.map(({ type, count }) => [type, count]));
}

function upTo(from: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`(select count(*) from (select 1 ${from} limit ${MOST_COUNTED}) as counted)`;
}
