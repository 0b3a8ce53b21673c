/**
 * What a whole service visit takes on disk, with every table and index that it leaves rows in, on Postgres and embedded:
 * the growth of each over many visits, so that what an empty table takes does not count. Free space that updates leave is
 * told apart, since the next visits fill it; so is what is forgotten after two days.
 * Run: `npm run bench:bytes-per-order`.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import type { Database } from "../../src/store/database.ts";
import { openPgliteFolder } from "../../src/store/pglite.ts";
import { openPostgres } from "../../src/store/postgres.ts";
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
  for (const [name, { total, relations }] of Object.entries(all)) {
    report.tell(name, 1, { ...total, ...relations });
  }
  const rounds = { embedded: [all.embedded.total], postgres: [all.postgres.total] };
  report.end({ options, rounds, versions: { postgres: postgres.version } });
  console.table(all.postgres.relations);
} finally {
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
}

interface Looked {
  /** As it lies there after a vacuum, with the space that updates have left free. */
  readonly lying: Sizes;
  /** Rewritten, without free space: what is really held. */
  readonly packed: Sizes;
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
  const before = await played(options.atOnce);
  const after = await played(options.visits);
  const lying = grown(before.packed, after.lying);
  const packed = grown(before.packed, after.packed);
  const passing = packed.filter(([relation]) => PASSING.test(relation));
  const kept = packed.filter(([relation]) => !PASSING.test(relation));
  const total = {
    entries: median(entries),
    bytes: sumOf(kept),
    /** Gone after two days. */
    passingBytes: sumOf(passing),
    lyingBytes: sumOf(lying),
  };
  return { total, relations: Object.fromEntries(packed) };
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
  const { db, close } = database;
  try {
    await sql`vacuum`.execute(db);
    const lying = await sizesIn(database);
    await sql`vacuum full`.execute(db);
    return { lying, packed: await sizesIn(database) };
  } finally {
    await close();
  }
}

async function sizesIn({ db }: Database): Promise<Sizes> {
  const { rows } = await sql<{ readonly relation: string; readonly bytes: string }>`
    select relname as relation, (pg_relation_size(oid)
      + case when reltoastrelid = 0 then 0 else pg_total_relation_size(reltoastrelid) end
    )::text as bytes
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')`.execute(db);
  return Object.fromEntries(rows.map(({ relation, bytes }) => [relation, Number(bytes)]));
}
