/**
 * Transitions of many orders in one statement and one commit: every order whose revision is still the one decided on moves
 * by one, with its entry, timers, jobs, tasks, outbox and idempotency record; of any other order nothing is written at all.
 */

import type { PreparedStatement } from "../database.ts";
import { queueInFeed } from "../tables/feed.ts";
import { sections, type Section } from "./batch-rows.ts";
import type { PlannedWrite } from "./planned-write.ts";

/**
 * The key is new, the worker's lease is as it must be, and nobody is told by webhook. (A key that another transaction has
 * just recorded ends the statement at the record's primary key.)
 */
const MAY_BE_WRITTEN = `(input.key is null or not exists (select from idempotency where idempotency.id = input.key))
    and (input.lease_job is null or exists (
      select from jobs where jobs.order_id = input.id and jobs.id = input.lease_job
        and jobs.lease_token = input.lease_token
        and case input.lease_must
          when 'be running' then coalesce(jobs.lease_until > clock_timestamp(), false)
          when 'have ended' then not coalesce(jobs.lease_until > clock_timestamp(), false)
          else true end))
    and not exists (select from webhooks where disabled is null and removed_at is null)`;

/** In the order of their parameters. */
const PARTS = Object.entries<Section>(sections);

/** Where each part's parameters begin. */
const FIRST: ReadonlyMap<string, number> = new Map(
  PARTS.map(([name], index) => [
    name,
    1 + PARTS.slice(0, index).reduce((sum, [, { size }]) => sum + size, 0),
  ]),
);

export const batchStatement: PreparedStatement = { name: "batch", text: statement("") };

/**
 * The same for orders that nobody else holds at the moment: one that somebody does is left out, and delays no other.
 */
export const unlockedBatchStatement: PreparedStatement = {
  name: "batch_unlocked",
  text: statement(`, free as materialized (
    select orders.id from orders join input on orders.id = input.id for update of orders skip locked)`),
};

/** @param writes at most one per order, ordered by its id: servers lock in one order */
export function batchValues(writes: readonly PlannedWrite[]): readonly Buffer[] {
  return PARTS.flatMap(([, { values }]) => values(writes));
}

/** @param free a CTE of orders that may be moved; empty: all may */
function statement(free: string): string {
  const isFree = free === "" ? "true" : "input.id in (select id from free)";
  return `
with input as materialized (select * from ${source("input")})${free},
created as (
  insert into orders (
    id, process, version, digest, business_key, centre, revision, status, open_incidents, outcome, step, snapshot,
    last_hash, at, created_at, updated_at, test_clock, tags, projected)
  select id, process, version, digest, business_key, centre, revision, status, 0, outcome, step, snapshot,
    hash, at, now, now, null, tags::text[], revision
  from input where revision = 1 and ${MAY_BE_WRITTEN}
  on conflict do nothing returning id
), moved as (
  update orders set
    process = input.process, version = input.version, digest = input.digest, business_key = input.business_key,
    centre = input.centre, revision = input.revision, status = input.status, outcome = input.outcome,
    step = input.step, snapshot = input.snapshot, last_hash = input.hash, at = input.at,
    updated_at = greatest(orders.updated_at, input.now), tags = input.tags::text[], projected = input.revision
  from input
  where orders.id = input.id and input.revision > 1 and orders.revision = input.revision - 1
    and orders.open_incidents = 0 and orders.projected = orders.revision
    and ${isFree} and ${MAY_BE_WRITTEN}
  returning orders.id
), written as materialized (
  select id from created union all select id from moved
), entry as (
  insert into entries (order_id, revision, at, type, line, hash)
  select id, revision, at, type, line, hash from input where ${isWritten("id")}
  returning order_id, revision
), queued as (
  ${queueInFeed("entry")}
), recorded as (
  insert into idempotency (id, fingerprint, order_id, revision, answer, created_at)
  select key, fingerprint, id, revision, answer, now from input where key is not null and ${isWritten("id")}
), checkpoint as (
  insert into snapshots (order_id, revision, at, digest, hash, text)
  select * from ${source("checkpoints")} where ${isWritten("order_id")}
  on conflict (order_id) do update set
    revision = excluded.revision, at = excluded.at, digest = excluded.digest,
    hash = excluded.hash, text = excluded.text
  where snapshots.revision < excluded.revision
), sealing as (
  insert into sealed (order_id, commitment, salt, value)
  select * from ${source("sealed")} where ${isWritten("order_id")}
  on conflict do nothing
), timers_gone as (
  delete from timers using ${source("timersGone")}
  where timers.order_id = timersGone.order_id and timers.id = timersGone.id and ${isWritten("timersGone.order_id")}
), timers_set as (
  insert into timers (order_id, id, due_at, test_clock, stuck)
  select order_id, id, due_at, null, false from ${source("timersSet")} where ${isWritten("order_id")}
), jobs_gone as (
  delete from jobs using ${source("jobsGone")}
  where jobs.order_id = jobsGone.order_id and jobs.id = jobsGone.id and ${isWritten("jobsGone.order_id")}
), jobs_opened as (
  insert into jobs (
    order_id, id, type, item, input, opened_at, available_at, attempts, stuck, centre, roles, retries)
  select order_id, id, type, item, input, at, at, 0, false, centre, roles::text[], retries
  from ${source("jobsOpened")} where ${isWritten("order_id")}
), tasks_gone as (
  delete from tasks using ${source("tasksGone")}
  where tasks.order_id = tasksGone.order_id and tasks.item = tasksGone.item and tasks.state = tasksGone.state
    and ${isWritten("tasksGone.order_id")}
), tasks_opened as (
  insert into tasks (
    order_id, item, state, id, process, centre, role, opened_at, due_at, test_clock, assignee)
  select *, null, null from ${source("tasksOpened")} where ${isWritten("order_id")}
), sent as (
  insert into outbox (order_id, revision, position, at, type, item, params, placeholder_values)
  select * from ${source("outbox")} where ${isWritten("order_id")}
)
select json_build_object(
  'ids', coalesce((select json_agg(id) from written), '[]'),
  'now', floor(extract(epoch from clock_timestamp()) * 1000)
) as row`;
}

function source(name: keyof typeof sections): string {
  return sections[name].source(name, FIRST.get(name) ?? Number.NaN);
}

/** A CASE keeps the look a hashed one: as a join, its cost would be planned for a few rows and paid for many. */
function isWritten(column: string): string {
  return `case when ${column} in (select id from written) then true else false end`;
}
