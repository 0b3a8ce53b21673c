/**
 * What a whole service visit takes on disk, with every table and index that it leaves rows in, on Postgres and embedded:
 * the growth of each over many visits, so that what an empty table takes does not count. Free space that updates leave is
 * told apart, since the next visits fill it; so is what is forgotten after two days, and what a visit takes in the archive.
 * Run: `npm run bench:bytes-per-order`.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { createRebuild } from "../../src/audit/rebuild.ts";
import type { Database } from "../../src/store/database.ts";
import { openPgliteFolder } from "../../src/store/pglite.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { ArchiveMark } from "../../src/store/contracts/archive.ts";
import { storeOn } from "../../src/store/store-on.ts";
import type { Store } from "../../src/store/store.ts";
import { benchOptions } from "./support/options.ts";
import { startOurServer } from "./support/our-server.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { progress } from "./support/rounds.ts";
import { median, rounded } from "./support/statistics.ts";
import { definitions, playVisits } from "./support/visits.ts";

const options = benchOptions({ visits: 60, atOnce: 4, story: "good-story" });

/** Answers under idempotency keys. */
const PASSING = /^idempotency/;

/** By table, with its TOAST; and by index. */
interface Sizes {
  readonly [relation: string]: number;
}

const report = await startReport("bytes-per-order");
const home = await mkdtemp(join(tmpdir(), "sevenstep-bytes-"));
const postgres = await startBenchPostgres();
try {
  const embedded = join(home, "embedded");
  const databaseUrl = await postgres.createDatabase("bytes");
  const onPostgres = () => Promise.resolve(openPostgres(databaseUrl));
  const all = {
    embedded: await perVisit("embedded", { dataFolder: embedded }, () =>
      openPgliteFolder(embedded),
    ),
    postgres: await perVisit("postgres", { dataFolder: join(home, "pg"), databaseUrl }, onPostgres),
  };
  for (const [name, { total, living, archived }] of Object.entries(all)) {
    report.tell(name, 1, total);
    report.tell(`${name}, living`, 1, living);
    report.tell(`${name}, archived`, 1, archived);
  }
  const rounds = { embedded: [all.embedded.total], postgres: [all.postgres.total] };
  report.end({ options, rounds, versions: { postgres: postgres.version } });
  console.table(all.postgres.living);
  console.table(all.postgres.archived);
} finally {
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
}

interface Looked {
  /** As it lies there after a vacuum, with the space that updates have left free. */
  readonly lying: Sizes;
  /** Rewritten, without free space: what is really held. */
  readonly packed: Sizes;
  /** The same with every order in the archive. */
  readonly archived: Sizes;
}

/** Visits are played, and the database is looked at while no server has it open. */
async function perVisit(
  name: string,
  where: { readonly dataFolder: string; readonly databaseUrl?: string },
  open: () => Promise<Database>,
) {
  const entries: number[] = [];
  const played = async (count: number): Promise<Looked> => {
    progress(`${name}: ${count} visits`);
    const server = await startOurServer({ ...where, environment: definitions });
    try {
      const { atOnce, story } = options;
      for (const visit of await playVisits(server, story, { count, atOnce })) {
        entries.push(visit.entries);
      }
    } finally {
      await server.stop();
    }
    return looked(await open());
  };
  // The first few make the pages that every table has.
  const { archived: before } = await played(options.atOnce);
  const after = await played(options.visits);
  const living = grown(before, after.packed);
  const archived = grown(before, after.archived);
  const passing = living.filter(([relation]) => PASSING.test(relation));
  const each = median(entries);
  const [livingBytes, archivedBytes] = [sumOf(kept(living)), sumOf(kept(archived))];
  const total = {
    ...{ entries: each, livingBytes, archivedBytes },
    livingBytesPerEntry: rounded(livingBytes / each),
    archivedBytesPerEntry: rounded(archivedBytes / each),
    /** Gone after two days. */
    passingBytes: sumOf(passing),
    lyingBytes: sumOf(grown(before, after.lying)),
  };
  return { total, living: Object.fromEntries(living), archived: Object.fromEntries(archived) };
}

function kept(relations: readonly (readonly [string, number])[]) {
  return relations.filter(([relation]) => !PASSING.test(relation));
}

/** Bytes per visit, most first. */
function grown(before: Sizes, after: Sizes): readonly (readonly [string, number])[] {
  return Object.entries(after)
    .map(
      ([name, bytes]) => [name, rounded((bytes - (before[name] ?? 0)) / options.visits)] as const,
    )
    .filter(([, bytes]) => bytes > 0)
    .toSorted(([, one], [, other]) => other - one);
}

function sumOf(relations: readonly (readonly [string, number])[]): number {
  return relations.reduce((sum, [, bytes]) => sum + bytes, 0);
}

async function looked(database: Database): Promise<Looked> {
  const { db } = database;
  const store = storeOn(database, { rebuild: createRebuild() });
  try {
    await sql`vacuum`.execute(db);
    const lying = await sizesIn(database);
    await sql`vacuum full`.execute(db);
    const packed = await sizesIn(database);
    await archiveAll(store);
    const left = await db.selectFrom("orders").select("id").executeTakeFirst();
    if (left !== undefined) throw new Error(`expected all orders to be archived, found ${left.id}`);
    await sql`vacuum full`.execute(db);
    return { lying, packed, archived: await sizesIn(database) };
  } finally {
    await store.close();
  }
}

async function archiveAll({ archive }: Store): Promise<void> {
  await archive.prepare();
  const walk = { olderThanMs: 0, entries: 2_000 };
  for (let after: ArchiveMark | null = null; ;) {
    const { next, failed } = await archive.move({ ...walk, after });
    if (failed.length > 0) throw new Error("an order could not be archived", { cause: failed });
    after = next;
    if (after === null) break;
  }
}

async function sizesIn({ db }: Database): Promise<Sizes> {
  const { rows } = await sql<{ readonly relation: string; readonly bytes: string }>`
    select regexp_replace(relname, '_\\d{4}_\\d\\d', '') as relation, sum(pg_relation_size(oid)
      + case when reltoastrelid = 0 then 0 else pg_total_relation_size(reltoastrelid) end
    )::text as bytes
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')
    group by 1`.execute(db);
  return Object.fromEntries(rows.map(({ relation, bytes }) => [relation, Number(bytes)]));
}
