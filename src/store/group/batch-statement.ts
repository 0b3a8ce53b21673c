/**
 * Transitions of many orders in one statement and one commit: every order whose last entry is still the one decided on moves
 * by one, with its entry, timers, jobs, tasks, outbox, deliveries and idempotency record; of any other order nothing is
 * written at all.
 */

import { sql, type RawBuilder } from "kysely";

import type { Db, PreparedStatement } from "../database.ts";
import { announced } from "../tables/delivery-queue.ts";
import { queueInFeed } from "../tables/feed.ts";
import { lockOfKey } from "../tables/idempotency.ts";
import { IS_ANY_ENABLED } from "../tables/webhooks.ts";
import { sections, type Section } from "./batch-rows.ts";
import type { PlannedWrite } from "./planned-write.ts";

export interface BatchForm {
  /** Whether webhooks are told; without it, nothing is written where any is enabled. */
  readonly isTelling: boolean;
  /** Whether an order that another transaction holds is left out, in place of waiting for it. */
  readonly isImpatient: boolean;
}

/** Returns JSON: `ids` of the orders that were moved, `now` by the database's clock, whether anybody `isTold`. */
export function batchStatement(db: Db, form: BatchForm): PreparedStatement {
  const name = `batch${form.isTelling ? "_telling" : ""}${form.isImpatient ? "_impatient" : ""}`;
  return { name, text: `${orders(db, form)}, ${ROWS}${telling(db, form)}${result(db)}` };
}

/** @param writes at most one per order, ordered by its id: servers lock in one order */
export function batchValues(
  writes: readonly PlannedWrite[],
  { isTelling }: BatchForm,
): readonly Buffer[] {
  return PARTS.filter(([name]) => isTelling || name !== "told").flatMap(([, { values }]) =>
    values(writes),
  );
}

/** In the order of their parameters. */
const PARTS = Object.entries<Section>(sections);

/** Where each part's parameters begin. */
const FIRST: ReadonlyMap<string, number> = new Map(
  PARTS.map(([name], index) => [
    name,
    1 + PARTS.slice(0, index).reduce((sum, [, { size }]) => sum + size, 0),
  ]),
);

function source(name: keyof typeof sections): string {
  return sections[name].source(name, FIRST.get(name) ?? Number.NaN);
}

/** A CASE keeps the look a hashed one: as a join, its cost would be planned for a few rows and paid for many. */
function isWritten(column: string): string {
  return `case when ${column} in (select id from written) then true else false end`;
}

function orders(db: Db, { isTelling, isImpatient }: BatchForm): string {
  const free = `, free as materialized (
  select orders.id from orders join input on orders.id = input.id for update of orders skip locked)`;
  const may = isTelling
    ? MAY_BE_WRITTEN
    : `${MAY_BE_WRITTEN} and not ${textOf(db, IS_ANY_ENABLED)}`;
  return `
with input as materialized (select * from ${source("input")})${isImpatient ? free : ""},
created as (
  insert into orders (
    id, process, version, digest, business_key, centre, revision, status, open_incidents, outcome, step, snapshot,
    last_hash, at, created_at, updated_at, test_clock, tags, projected, subject)
  select id, process, version, digest, business_key, centre, revision, status, 0, outcome, step, snapshot,
    hash, at, now, now, null, tags::text[], revision, subject
  from input where revision = 1 and ${may}
  on conflict do nothing returning id
), moved as (
  update orders set
    process = input.process, version = input.version, digest = input.digest, business_key = input.business_key,
    centre = input.centre, revision = input.revision, status = input.status, outcome = input.outcome,
    step = input.step, snapshot = input.snapshot, last_hash = input.hash, at = input.at,
    updated_at = greatest(orders.updated_at, input.now), tags = input.tags::text[], projected = input.revision
  from input
  where orders.id = input.id and input.revision > 1 and orders.revision = input.revision - 1
    and orders.last_hash = input.prev and orders.open_incidents = 0 and orders.projected = orders.revision
    and ${isImpatient ? "input.id in (select id from free)" : "true"} and ${may}
  returning orders.id
), written as materialized (
  select id from created union all select id from moved
)`;
}

/**
 * The key is new and nobody's at the moment, and the worker's lease is as it must be. (A key that another transaction has just recorded ends the
 * statement, at the record's primary key.) The offsets keep the looks from being made a hash of the whole table.
 */
const MAY_BE_WRITTEN = `(input.key is null or (
      pg_try_advisory_xact_lock(${lockOfKey("input.key")})
      and not exists (select from idempotency where idempotency.id = input.key offset 0)))
    and (input.lease_job is null or exists (
      select from jobs where jobs.order_id = input.id and jobs.id = input.lease_job
        and jobs.lease_token = input.lease_token
        and case input.lease_must
          when 'be running' then coalesce(jobs.lease_until > clock_timestamp(), false)
          when 'have ended' then not coalesce(jobs.lease_until > clock_timestamp(), false)
          else true end
      offset 0))`;

const ROWS = `entry as (
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
  insert into sealed_boxes (order_id, commitment, box)
  select * from ${source("sealed")} where ${isWritten("order_id")}
), subject as (
  insert into order_subjects (order_id, subject)
  select * from ${source("subjects")} where ${isWritten("order_id")}
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
)`;

/** The name of an occurrence is unique in its order. */
function telling(db: Db, { isTelling }: BatchForm): string {
  if (!isTelling) return "";
  const first = FIRST.get("told") ?? Number.NaN;
  const parameter = (index: number) => sql.raw(`$${first + index}::text[]`);
  const written = `(select id as order_id, centre, revision from input where ${isWritten("id")})`;
  const parts = announced({
    ...{ orders: sql.raw(written), at: sql.raw("(select max(now) from input)") },
    ...{ orderIds: parameter(0), names: parameter(1), types: parameter(2), subjects: parameter(3) },
  });
  return `, ${textOf(db, parts)}`;
}

function result(db: Db): string {
  return `
select json_build_object(
  'ids', coalesce((select json_agg(id) from written), '[]'),
  'now', floor(extract(epoch from clock_timestamp()) * 1000),
  'isTold', ${textOf(db, IS_ANY_ENABLED)}
)::text as row`;
}

/** @throws when it has parameters of its own: their numbers are taken */
function textOf(db: Db, fragment: RawBuilder<unknown>): string {
  const { sql: text, parameters } = fragment.compile(db);
  if (parameters.length > 0) throw new Error(`expected no parameters in ${text}`);
  return text;
}
