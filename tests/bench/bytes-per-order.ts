/**
 * What a whole service visit takes on disk, with every table and index that it leaves rows in, on Postgres and embedded:
 * the growth of each over many visits, so that what an empty table takes does not count. Told apart are a visit among the
 * living; one that was archived, as every visit is by default an hour after its end; what is forgotten after two days;
 * and by how much the files grow for each further visit when earlier ones have been archived, free space and all.
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
import { benchOptions } from "./support/options.ts";
import { startOurServer } from "./support/our-server.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { progress } from "./support/rounds.ts";
import { median, rounded } from "./support/statistics.ts";
import { definitions, playVisits } from "./support/visits.ts";

const options = benchOptions({ visits: 20, refills: 6, atOnce: 4, story: "good-story" });

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
  for (const [name, { total, living, archived, growth }] of Object.entries(all)) {
    report.tell(name, 1, total);
    report.tell(`${name}, living`, 1, living);
    report.tell(`${name}, archived`, 1, archived);
    report.tell(`${name}, growth`, 1, growth);
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
}

/** Visits are played, and the database is looked at while no server has it open. */
async function perVisit(
  name: string,
  where: { readonly dataFolder: string; readonly databaseUrl?: string },
  open: () => Promise<Database>,
) {
  const entries: number[] = [];
  const play = async (count: number): Promise<void> => {
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
  };
  // The first few make the pages that every table has.
  await play(options.atOnce);
  const before = await within(open, async (database) => {
    await archiveAll(database);
    return rewritten(database);
  });
  await play(options.visits);
  const after = await within(open, look);
  // What was rewritten has no room for what changes, and an index has its empty pages back at the vacuum after the next.
  const share = Math.ceil(options.visits / 2);
  const lying: Sizes[] = [];
  for (let refill = 0; refill < options.refills; refill += 1) {
    await play(share);
    lying.push(await within(open, archiveAll));
  }
  const half = Math.floor(options.refills / 2);
  const [halfway = {}, last = {}] = [lying.at(half - 1), lying.at(-1)];
  const living = grown(before, after.packed, options.visits);
  const archived = grown(
    before,
    await within(open, rewritten),
    options.visits + options.refills * share,
  );
  const passing = living.filter(([relation]) => PASSING.test(relation));
  const each = median(entries);
  const [livingBytes, archivedBytes] = [sumOf(kept(living)), sumOf(kept(archived))];
  const growth = grown(halfway, last, (options.refills - half) * share);
  const total = {
    ...{ entries: each, livingBytes, archivedBytes, growthBytes: sumOf(kept(growth)) },
    livingBytesPerEntry: rounded(livingBytes / each),
    archivedBytesPerEntry: rounded(archivedBytes / each),
    /** Gone after two days. */
    passingBytes: sumOf(passing),
    lyingBytes: sumOf(kept(grown(before, after.lying, options.visits))),
  };
  return {
    total,
    living: Object.fromEntries(living),
    archived: Object.fromEntries(archived),
    growth: Object.fromEntries(growth),
  };
}

function kept(relations: readonly (readonly [string, number])[]) {
  return relations.filter(([relation]) => !PASSING.test(relation));
}

/** Bytes per visit, most first. */
function grown(
  before: Sizes,
  after: Sizes,
  visits: number,
): readonly (readonly [string, number])[] {
  return Object.entries(after)
    .map(([name, bytes]) => [name, rounded((bytes - (before[name] ?? 0)) / visits)] as const)
    .filter(([, bytes]) => bytes !== 0)
    .toSorted(([, one], [, other]) => other - one);
}

function sumOf(relations: readonly (readonly [string, number])[]): number {
  return relations.reduce((sum, [, bytes]) => sum + bytes, 0);
}

async function within<T>(
  open: () => Promise<Database>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await open();
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function look(database: Database): Promise<Looked> {
  await sql`vacuum`.execute(database.db);
  const lying = await sizesIn(database);
  return { lying, packed: await rewritten(database) };
}

async function rewritten(database: Database): Promise<Sizes> {
  await sql`vacuum full`.execute(database.db);
  return sizesIn(database);
}

/** @returns what then lies there, with the room that the orders have left */
async function archiveAll(database: Database): Promise<Sizes> {
  const { archive } = storeOn(database, { rebuild: createRebuild() });
  await archive.prepare();
  const walk = { olderThanMs: 0, entries: 2_000 };
  for (let after: ArchiveMark | null = null; ;) {
    const { next, failed } = await archive.move({ ...walk, after });
    if (failed.length > 0) throw new Error("an order could not be archived", { cause: failed });
    after = next;
    if (after === null) break;
  }
  const left = await database.db.selectFrom("orders").select("id").executeTakeFirst();
  if (left !== undefined) throw new Error(`expected all orders to be archived, found ${left.id}`);
  await sql`vacuum`.execute(database.db);
  return sizesIn(database);
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
