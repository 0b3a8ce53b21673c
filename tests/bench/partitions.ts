/**
 * Whether partitions by hash of the order's id help the big tables: the same orders and entries in one table each and in
 * several partitions, the batch statement's writes and a history's read on both in turn, vacuum and disk.
 * Run: `npm run bench:partitions`.
 */

import { performance } from "node:perf_hooks";
import pg from "pg";
import { benchOptions } from "./support/options.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, progress, ratio, type Contestant, type Figures } from "./support/rounds.ts";
import { median } from "./support/statistics.ts";

const options = benchOptions({
  ...{ orders: 1_000_000, entries: 5, partitions: 16, lineBytes: 900 },
  ...{ rounds: 5, seconds: 5, clients: 4, batch: 64, reads: 400 },
});
const FILL = 20_000;
const FORMS = ["one table", "hash partitions"] as const;
type Form = (typeof FORMS)[number];

const ID = "lpad(number::text, 8, '0') || '-0000-7000-8000-000000000000'";
const HASH = "repeat(md5(number::text || revision::text), 2)";
const LINE = `left(repeat(${HASH}, ${Math.ceil(options.lineBytes / 64)}), ${options.lineBytes})`;

const WRITE = {
  name: "write",
  text: `
    with input as materialized (select * from unnest($1::text[], $2::text[]) as each (id, line)),
    moved as (
      update orders set revision = orders.revision + 1 from input where orders.id = input.id
      returning orders.id, orders.revision, input.line
    )
    insert into entries select id, revision, now(), 'STEP', line, repeat(md5(line), 2) from moved`,
} as const;
const READ = {
  name: "read",
  text: "select revision, line from entries where order_id = $1 and revision > 0 order by revision limit 50",
} as const;

const report = await startReport("partitions");
const postgres = await startBenchPostgres();
try {
  const contestants: Contestant[] = [];
  const vacuums: (readonly [string, Figures])[] = [];
  for (const form of FORMS) {
    const url = await postgres.createDatabase(form.replace(" ", "_"));
    await using(url, (client) => fill(client, form));
    contestants.push({ name: form, run: () => round(url) });
  }
  const rounds = await measured(contestants, { rounds: options.rounds, tell: report.tell });
  for (const form of FORMS) {
    const url = new URL(`/${form.replace(" ", "_")}`, postgres.url).href;
    vacuums.push([form, await using(url, vacuumed)]);
  }
  const ratios = Object.fromEntries(
    ["perSecond", "historyMs", "planMs"].map((figure) => [
      `${figure}: partitions / one table`,
      ratio(rounds, figure, "hash partitions", "one table"),
    ]),
  );
  const more = { vacuums: Object.fromEntries(vacuums) };
  report.end({ options, rounds, ratios, versions: { postgres: postgres.version }, more });
  console.table(more.vacuums);
} finally {
  await postgres.stop();
}

async function using<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The columns, keys and fill factor of ours; the line's bytes don't compress, as a stored one hardly does. */
async function fill(client: pg.Client, form: Form): Promise<void> {
  const isSplit = form === "hash partitions";
  const by = (column: string) => (isSplit ? `partition by hash (${column})` : "");
  await client.query(`
    set synchronous_commit = off;
    create table orders (id text primary key, revision integer not null, state text not null) ${by("id")};
    create table entries (
      order_id text not null, revision integer not null, at timestamptz not null, type text not null,
      line text not null, hash text not null, primary key (order_id, revision)
    ) ${by("order_id")}`);
  if (isSplit) await client.query(partitionsOf("orders") + partitionsOf("entries"));
  else await client.query("alter table orders set (fillfactor = 50)");
  for (let done = 0; done < options.orders; done += FILL) {
    const until = Math.min(options.orders, done + FILL) - 1;
    await client.query(`
      insert into orders select ${ID}, ${options.entries}, repeat(md5(number::text), 8)
      from generate_series(${done}, ${until}) as number`);
    await client.query(`
      insert into entries select ${ID}, revision, now(), 'STEP', ${LINE}, ${HASH}
      from generate_series(${done}, ${until}) as number, generate_series(1, ${options.entries}) as revision`);
    progress(`${form}: ${until + 1} of ${options.orders} orders`);
  }
  await client.query("vacuum (analyze)");
  await client.query("checkpoint");
}

function partitionsOf(table: string): string {
  const fillFactor = table === "orders" ? "with (fillfactor = 50)" : "";
  return Array.from(
    { length: options.partitions },
    (_, place) =>
      `create table ${table}_${place} partition of ${table}
       for values with (modulus ${options.partitions}, remainder ${place}) ${fillFactor};`,
  ).join("\n");
}

/** Orders at random, each at most once in a batch. */
async function round(url: string): Promise<Figures> {
  const end = performance.now() + options.seconds * 1_000;
  const line = "x".repeat(options.lineBytes);
  const writer = async (place: number): Promise<number> =>
    using(url, async (client) => {
      let written = 0;
      while (performance.now() < end) {
        const ids = new Set<string>();
        while (ids.size < options.batch) ids.add(randomId(place));
        const values = [[...ids].toSorted(), Array<string>(options.batch).fill(line)];
        await client.query({ ...WRITE, values });
        written += options.batch;
      }
      return written;
    });
  const from = performance.now();
  const written = await Promise.all(Array.from({ length: options.clients }, (_, at) => writer(at)));
  const seconds = (performance.now() - from) / 1_000;
  const perSecond = written.reduce((sum, count) => sum + count, 0) / seconds;
  return { perSecond, ...(await using(url, reads)) };
}

/** Of the clients' own share: two never wait for one another. */
function randomId(client: number): string {
  const share = Math.floor(options.orders / options.clients);
  const number = client * share + Math.floor(Math.random() * share);
  return `${String(number).padStart(8, "0")}-0000-7000-8000-000000000000`;
}

async function reads(client: pg.Client): Promise<Figures> {
  const timed = async (read: (id: string) => Promise<unknown>): Promise<number> => {
    const took: number[] = [];
    for (let count = 0; count < options.reads; count += 1) {
      const began = performance.now();
      await read(randomId(0));
      took.push(performance.now() - began);
    }
    return median(took);
  };
  return {
    historyMs: await timed((id) => client.query({ ...READ, values: [id] })),
    // Kysely names no statement: its reads are planned anew each time.
    planMs: await timed((id) => client.query(READ.text, [id])),
  };
}

async function vacuumed(client: pg.Client): Promise<Figures> {
  progress("vacuum");
  const began = performance.now();
  await client.query("vacuum (analyze) entries");
  await client.query("vacuum (analyze) orders");
  const vacuumS = (performance.now() - began) / 1_000;
  const { rows } = await client.query<{ readonly table: number; readonly index: number }>(`
    select sum(pg_table_size(oid))::float8 as "table", sum(pg_indexes_size(oid))::float8 as index
    from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`);
  const { table = 0, index = 0 } = rows[0] ?? {};
  return { vacuumS, tableMb: table / 2 ** 20, indexMb: index / 2 ** 20 };
}
