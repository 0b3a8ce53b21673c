/** What a table has beside its columns, as statements that give it to another table of the same name. */

import { sql, type RawBuilder } from "kysely";

import { only } from "../context.ts";
import type { Db } from "../database.ts";

export interface TableDefinition {
  /** Storage parameters, TOAST's included; of partitions, those of the first. */
  readonly options: readonly string[];
  /** Blocks of each table that holds rows, by its name. */
  readonly leaves: readonly { readonly name: string; readonly blocks: number }[];
  /** Keys, then indexes, then references: all under the names they have, by which migrations know them. */
  readonly statements: readonly RawBuilder<unknown>[];
  /** Those that only the holder of the rows needs: its replica identity and its owner. */
  readonly eachLeaf: (name: string) => readonly RawBuilder<unknown>[];
}

interface Row {
  readonly options: readonly string[];
  readonly owner: string;
  readonly isOurs: boolean;
  readonly identity: string;
}

/** @param name of a table that nobody else changes meanwhile */
export async function definitionOf(db: Db, name: string): Promise<TableDefinition> {
  const leaves = await leavesOf(db, name);
  const [first] = leaves;
  if (first === undefined) throw new Error(`expected a table ${name} that holds rows`);
  const { rows } = await sql<Row>`
    select relowner::regrole::text as owner, relowner = current_user::regrole as "isOurs",
      relreplident::text as identity,
      coalesce(reloptions, '{}') || coalesce(
        (select array_agg('toast.' || option) from pg_class as toast, unnest(toast.reloptions) as option
          where toast.oid = pg_class.reltoastrelid), '{}') as options
    from pg_class where oid = ${first.name}::regclass`.execute(db);
  const { options, owner, isOurs, identity } = only(rows);
  const owned = (table: string) =>
    isOurs ? [] : [sql`alter table ${sql.table(table)} owner to ${sql.raw(owner)}`];
  return {
    options,
    leaves,
    statements: [...(await created(db, name)), ...(await grants(db, name)), ...owned(name)],
    eachLeaf: (table) => [
      ...(identity === "f" ? [sql`alter table ${sql.table(table)} replica identity full`] : []),
      ...(table === name ? [] : owned(table)),
    ],
  };
}

async function leavesOf(db: Db, name: string): Promise<TableDefinition["leaves"]> {
  const { rows } = await sql<{ readonly name: string; readonly blocks: number }>`
    select relname::text as name,
      (pg_relation_size(pg_class.oid) / current_setting('block_size')::bigint)::float8 as blocks
    from pg_class
    where relkind = 'r' and (oid = ${name}::regclass
      or oid in (select inhrelid from pg_inherits where inhparent = ${name}::regclass))
    order by 1`.execute(db);
  return rows;
}

/** The texts name the table: they are for the one that bears the name then. */
async function created(db: Db, name: string): Promise<readonly RawBuilder<unknown>[]> {
  const { rows } = await sql<{ readonly text: string }>`
    select text from (
      select 1 as turn, conname as name,
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as text
      from pg_constraint where conrelid = ${name}::regclass and contype in ('p', 'u', 'x')
      union all
      select 2, indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
      from pg_index where indrelid = ${name}::regclass
        and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
      union all
      select 3, conname,
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where conrelid = ${name}::regclass and contype = 'f' and conparentid = 0
    ) as each
    order by turn, name`.execute(db);
  return rows.map(({ text }) => sql.raw(text));
}

async function grants(db: Db, name: string): Promise<readonly RawBuilder<unknown>[]> {
  const { rows } = await sql<{ readonly text: string }>`
    select format('grant %s on %I to %s%s', privilege_type, ${name}::text,
      case grantee when 0 then 'public' else grantee::regrole::text end,
      case when is_grantable then ' with grant option' else '' end) as text
    from pg_class cross join aclexplode(relacl)
    where oid = ${name}::regclass and grantee <> relowner`.execute(db);
  return rows.map(({ text }) => sql.raw(text));
}
