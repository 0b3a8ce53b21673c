/** Table `definitions`: published documents; rows are inserted and never changed. */

import { sql, type Selectable } from "kysely";

import type { Context } from "../context.ts";
import type { Definitions, NewDefinition, StoredDefinition } from "../contracts/definitions.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { inTransaction } from "../transaction.ts";
import { claimDefault, getDefault, setDefault } from "./default-versions.ts";
import { processPage, versionPage, versions } from "./definition-list.ts";

export interface DefinitionsTable {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly canonical: string;
  readonly source: string;
  readonly format: "yaml" | "json";
  readonly published_by: string;
  readonly published_at: TimestampColumn;
}

export function definitionsOn(context: Context): Definitions {
  const { db } = context;
  return {
    publish: (definition) => publish(context, definition),
    get: async (process, version) => {
      const query = selectDefinitions(db).where("process", "=", process);
      return found(await query.where("version", "=", version).executeTakeFirst());
    },
    byDigest: async (digest) =>
      found(await selectDefinitions(db).where("digest", "=", digest).executeTakeFirst()),
    digests: async () => {
      const rows = await db.selectFrom("definitions").select("digest").execute();
      return rows.map((row) => row.digest);
    },
    processPage: (page) => processPage(db, page),
    versionPage: (request) => versionPage(db, request),
    versions: (process) => versions(db, process),
    processes: async () => {
      const rows = await db
        .selectFrom("definitions")
        .select("process")
        .distinct()
        .orderBy("process")
        .execute();
      return rows.map((row) => row.process);
    },
    setDefault: (process, version, by) => setDefault(context, process, version, by),
    getDefault: (process) => getDefault(db, process),
  };
}

/** Canonical texts of a process by digest, for a rebuild of snapshots. */
export async function canonicalTexts(
  db: Db,
  process: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("definitions")
    .select(["digest", "canonical"])
    .where("process", "=", process)
    .execute();
  return new Map(rows.map((row) => [row.digest, row.canonical]));
}

function publish(
  context: Context,
  definition: NewDefinition,
): Promise<"created" | "same" | "different"> {
  const { process, version, digest, canonical, source, format, by } = definition;
  return inTransaction(context, async (inner) => {
    const { db } = inner;
    const created = await db
      .insertInto("definitions")
      .values({
        ...{ process, version, digest, canonical, source, format, published_by: by },
        published_at: sql<string>`${context.instant()}`,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("digest")
      .executeTakeFirst();
    if (created !== undefined) {
      await claimDefault(inner, process, version, by);
      return "created";
    }
    const stored = await db
      .selectFrom("definitions")
      .select("digest")
      .where("process", "=", process)
      .where("version", "=", version)
      .executeTakeFirstOrThrow();
    return stored.digest === digest ? "same" : "different";
  });
}

function selectDefinitions(db: Db) {
  return db.selectFrom("definitions").selectAll();
}

function found(row: Selectable<DefinitionsTable> | undefined): StoredDefinition | null {
  if (row === undefined) return null;
  const { published_by: by, published_at: at, ...definition } = row;
  return { ...definition, by, at };
}
