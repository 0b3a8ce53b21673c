/** Lists of published processes and of their versions, with what runs under each. */

import { sql } from "kysely";

import type { DefinitionVersion } from "../contracts/definitions.ts";
import type { Db } from "../database.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset, type PageRequest } from "../keyset.ts";
import type { Page } from "../store.ts";

const BY_NAME: Keyset = { list: "processes", columns: [["process", "text"]], direction: "asc" };

const NEWEST: Keyset = {
  list: "versions",
  columns: [
    ["at", "instant"],
    ["version", "text"],
  ],
  direction: "desc",
};

export async function processPage(db: Db, request: PageRequest): Promise<Page<string>> {
  const rows = await db
    .selectFrom("definitions")
    .select("process")
    .distinct()
    .where(behind(BY_NAME, request))
    .orderBy(sorted(BY_NAME))
    .limit(rowsWanted(request))
    .execute();
  const page = pageOf(BY_NAME, request, rows, ({ process }) => [process]);
  return { ...page, items: page.items.map(({ process }) => process) };
}

export async function versionPage(
  db: Db,
  request: PageRequest & { readonly process: string },
): Promise<Page<DefinitionVersion>> {
  const rows = await db
    .selectFrom(selectVersions(db, request.process).as("versions"))
    .selectAll()
    .where(behind(NEWEST, request))
    .orderBy(sorted(NEWEST))
    .limit(rowsWanted(request))
    .execute();
  return pageOf(NEWEST, request, rows, ({ at, version }) => [at, version]);
}

/** Oldest publication first. */
export async function versions(db: Db, process: string): Promise<readonly DefinitionVersion[]> {
  return selectVersions(db, process).orderBy("at").orderBy("d.version").execute();
}

function selectVersions(db: Db, process: string) {
  return (
    db
      .selectFrom("definitions as d")
      .leftJoin("default_versions as v", (join) =>
        join.onRef("v.process", "=", "d.process").onRef("v.version", "=", "d.version"),
      )
      .select(["d.process", "d.version", "d.digest", "d.published_by as by"])
      // Earlier releases stamped microseconds, which no cursor can name.
      .select(sql<number>`date_trunc('milliseconds', d.published_at)`.as("at"))
      .select(sql<boolean>`v.process is not null`.as("isDefault"))
      .select(
        sql<number>`(select count(*) from orders o
          where o.process = d.process and o.version = d.version and o.status <> 'done')`.as(
          "openOrders",
        ),
      )
      .where("d.process", "=", process)
  );
}
