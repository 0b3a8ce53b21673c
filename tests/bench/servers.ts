/**
 * Transitions per second over HTTP of one, two and three server processes that share a Postgres, each with a generator of
 * its own; the machine's cores are shared by all of them, the database and the generators.
 * Run: `npm run bench:servers`.
 */

import { startLoadGenerator } from "./support/load/load-generator.ts";
import { benchOptions, numbersIn } from "./support/options.ts";
import { publishBenchProcess, startOurServer, type OurServer } from "./support/our-server.ts";
import { createOverHttp, eventTarget } from "./support/our-target.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, ratio, type Contestant, type Figures } from "./support/rounds.ts";
import { served, type Served } from "./support/served.ts";

const options = benchOptions({
  servers: "1,2,3",
  rounds: 5,
  seconds: 5,
  /** Of all servers together. */
  clients: 96,
  orders: 960,
});

const report = await startReport("servers");
const postgres = await startBenchPostgres();
const databaseUrl = await postgres.createDatabase("servers");
const counts = numbersIn(options.servers);
const most = Math.max(...counts);
const servers: OurServer[] = [];
const generators = Array.from({ length: most }, startLoadGenerator);
try {
  // One after the other: the first one makes the schema and the key.
  for (let n = 0; n < most; n += 1) {
    const dataFolder = servers[0]?.dataFolder;
    servers.push(
      await startOurServer({ databaseUrl, ...(dataFolder === undefined ? {} : { dataFolder }) }),
    );
  }
  const [first] = servers;
  if (first === undefined) throw new Error("expected a number of servers");
  await publishBenchProcess(first);
  const ids = await createOverHttp(first, options.orders);
  const contestants = await Promise.all(counts.map((count) => contestant(count, ids)));
  const rounds = await measured(contestants, { rounds: options.rounds, tell: report.tell });
  const [least = 1] = counts;
  const ratios = counts.slice(1).map((count) => {
    const name = `${nameOf(count)} / ${nameOf(least)}`;
    return [name, ratio(rounds, "perSecond", nameOf(count), nameOf(least))] as const;
  });
  report.end({
    ...{ options, rounds, ratios: Object.fromEntries(ratios) },
    versions: { postgres: postgres.version },
  });
} finally {
  for (const generator of generators) await generator.stop();
  // The first one's folder goes last: all sign with its key.
  for (const server of servers.toReversed()) await server.stop();
  await postgres.stop();
}

/** Each server has orders of its own for the time, and its part of the clients. */
async function contestant(count: number, ids: readonly string[]): Promise<Contestant> {
  const shares: Served[] = [];
  for (const [place, server] of servers.slice(0, count).entries()) {
    const own = ids.filter((_, index) => index % count === place);
    shares.push({ target: await eventTarget(server), ids: own, stop: () => Promise.resolve() });
  }
  const clients = Math.floor(options.clients / count);
  const { seconds } = options;
  return {
    name: nameOf(count),
    run: async () => {
      const all = await Promise.all(
        shares.flatMap((share, place) => {
          const generator = generators[place];
          return generator === undefined ? [] : [served(generator, share, { clients, seconds })];
        }),
      );
      return {
        perSecond: sumOf(all, "perSecond"),
        p99: Math.max(...all.map((each) => each["p99"] ?? 0)),
      };
    },
  };
}

function sumOf(all: readonly Figures[], figure: string): number {
  return all.reduce((sum, each) => sum + (each[figure] ?? 0), 0);
}

function nameOf(count: number): string {
  return count === 1 ? "1 server" : `${count} servers`;
}
