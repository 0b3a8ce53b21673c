/** What keeps tables from being laid into partitions: found before anything is begun, so that it ends well or not at all. */

import { sql } from "kysely";

import { only } from "../context.ts";
import type { Db } from "../database.ts";
import { schemaOf } from "../migrate.ts";

export type Hindrance =
  /** Migrations by name: those that this release has and the database has not, and the other way round. */
  | {
      readonly kind: "schema";
      readonly missing: readonly string[];
      readonly later: readonly string[];
    }
  /** Servers, or anybody else: they would wait for each table as long as it takes, and give up. */
  | { readonly kind: "sessions"; readonly of: readonly string[] }
  /** What somebody made on a table, which would be lost with it: a view, a trigger, a policy, a publication. */
  | { readonly kind: "dependents"; readonly of: readonly string[] }
  /** Tables that Citus has spread are not ours to lay out. */
  | { readonly kind: "citus" }
  /** What the server has room for, and what one of ours may hold at once. */
  | { readonly kind: "locks"; readonly room: number; readonly needed: number };

export async function hindrances(
  db: Db,
  tables: readonly string[],
  into: number,
): Promise<readonly Hindrance[]> {
  const { missing, later } = await schemaOf(db);
  if (missing.length > 0 || later.length > 0) return [{ kind: "schema", missing, later }];
  const [others, dependents] = [await sessions(db), await dependentsOf(db, tables)];
  const { isSpread, room, needed } = await roomFor(db, tables, into);
  return [
    ...(isSpread ? [{ kind: "citus" } as const] : []),
    ...(others.length > 0 ? [{ kind: "sessions", of: others } as const] : []),
    ...(dependents.length > 0 ? [{ kind: "dependents", of: dependents } as const] : []),
    ...(needed > room ? [{ kind: "locks", room, needed } as const] : []),
  ];
}

/** The database's own processes are of nobody. */
async function sessions(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly who: string }>`
    select format('%s%s', usename, case when client_addr is null then '' else '@' || host(client_addr) end)
      || case when count(*) > 1 then format(' (%s)', count(*)) else '' end as who
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and usesysid is not null
      and coalesce(backend_type, 'client backend') = 'client backend'
    group by usename, client_addr order by 1`.execute(db);
  return rows.map(({ who }) => who);
}

async function dependentsOf(db: Db, tables: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly what: string }>`
    with ours as (
      select oid from pg_class where relnamespace = current_schema()::regnamespace
        and relname = any(${[...tables]})
    ), whole as (
      select oid from ours union all select inhrelid from pg_inherits join ours on inhparent = oid
    )
    select distinct pg_describe_object(classid, objid, 0) as what
    from pg_depend join whole on refobjid = whole.oid
    where refclassid = 'pg_class'::regclass and (
      classid in (
        'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_publication_rel'::regclass, 'pg_proc'::regclass)
      or (classid = 'pg_trigger'::regclass
        and exists (select from pg_trigger where pg_trigger.oid = objid and not tgisinternal))
      or (classid = 'pg_constraint'::regclass
        and exists (select from pg_constraint where pg_constraint.oid = objid and confrelid = refobjid)))
    order by 1`.execute(db);
  return rows.map(({ what }) => what);
}

/**
 * What a server may hold at once, in statements that hold all there is to hold: a batch holds half of it (600 locks of 1,088
 * for 16 partitions) while it is planned, and four are under way beside ten other statements, which touch few tables.
 */
const AT_ONCE = 5;

/**
 * A plan locks each partition with its indexes, and the server has room for so many locks in all
 * (https://www.postgresql.org/docs/15/runtime-config-locks.html).
 */
async function roomFor(db: Db, tables: readonly string[], into: number) {
  const { rows } = await sql<{
    readonly isSpread: boolean;
    readonly room: number;
    readonly relations: number;
  }>`
    select to_regclass('pg_dist_partition') is not null as "isSpread",
      current_setting('max_locks_per_transaction')::float8 * (current_setting('max_connections')::float8
        + current_setting('max_prepared_transactions')::float8) as room,
      (select count(*) from pg_index join pg_class on pg_class.oid = indrelid
        where relnamespace = current_schema()::regnamespace and relname = any(${[...tables]}))::float8
        as relations`.execute(db);
  const { isSpread, room, relations } = only(rows);
  const needed = into === 1 ? 0 : AT_ONCE * (into + 1) * (relations + tables.length);
  return { isSpread, room, needed };
}
