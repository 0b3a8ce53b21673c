/**
 * Durable transitions per second: ours in process and over HTTP, beside pgbench making the same writes, a naive server,
 * and other engines running the same machine with the same data. All on one Postgres (Restate on a log of its own), A B A B.
 * Run: `npm run bench:transitions -- --rounds 5 --seconds 5`; `--only ours-over-http,naive` leaves others out.
 */

import { pgbenchEntrant } from "./pgbench/entrant.ts";
import { PEERS } from "./peers/peers.ts";
import { startEntrants, type Entrant } from "./support/entrants.ts";
import { startLoadGenerator } from "./support/load/load-generator.ts";
import { benchOptions, numbersIn } from "./support/options.ts";
import { createOrders, startOurEngine } from "./support/our-engine.ts";
import { sendInProcess } from "./support/our-load.ts";
import { startOurTarget } from "./support/our-target.ts";
import { observedOn } from "./support/observed-on.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, ratio, type Rounds } from "./support/rounds.ts";
import { served, type Served } from "./support/served.ts";

const options = benchOptions({
  rounds: 5,
  /** Of one measurement. */
  seconds: 5,
  orders: 1_024,
  /** In process: events under way. */
  senders: 256,
  /** Over HTTP, each number a contestant. */
  clients: "64,256",
  only: "",
});

/** So that everybody's code has been compiled as well as it will be. */
const WARM_UPS = 2;

const report = await startReport("transitions");
const postgres = await startBenchPostgres();
const generator = startLoadGenerator();
const { seconds, orders } = options;

const inProcess: Entrant = {
  key: "ours-in-process",
  start: async () => {
    const databaseUrl = await postgres.createDatabase("ours_in_process");
    const { engine, close } = await startOurEngine({ databaseUrl });
    const ids = await createOrders(engine, orders);
    const { senders } = options;
    return {
      contestants: [
        {
          name: "ours",
          run: async () => ({ ...(await sendInProcess({ engine, ids, senders, seconds })) }),
          pids: [process.pid],
        },
      ],
      stop: close,
    };
  },
};

/** Those that answer with the whole order, unless it is preferred (RFC 7240) that they don't. */
const WITH_ORDERS: ReadonlySet<string> = new Set(["ours-over-http", "naive", "careful"]);
const MINIMAL = { prefer: "return=minimal" } as const;

/** Each of them meets the same generator, with each number of clients. */
function overHttp(key: string, start: (databaseUrl: string) => Promise<Served>): Entrant {
  return {
    key,
    start: async () => {
      const it = await start(await postgres.createDatabase(key.replaceAll("-", "_")));
      const { target, pids = [] } = it;
      const headers = { ...target.headers, ...MINIMAL };
      const all = [{ as: key, asked: it }];
      const quiet = { as: `${key}-minimal`, asked: { ...it, target: { ...target, headers } } };
      if (WITH_ORDERS.has(key)) all.push(quiet);
      const contestants = all.flatMap(({ as, asked: of }) =>
        numbersIn(options.clients).map((clients) => ({
          name: nameOf(as, clients),
          run: () => served(generator, of, { clients, seconds }),
          pids,
        })),
      );
      return { contestants, stop: it.stop, configuration: it.configuration };
    },
  };
}

function nameOf(key: string, clients: number): string {
  return `${key}, ${clients} clients`;
}

const field = await startEntrants(
  [
    inProcess,
    pgbenchEntrant(postgres, { orders, seconds }),
    overHttp("ours-over-http", (databaseUrl) => startOurTarget(databaseUrl, orders)),
    ...Object.entries(PEERS).map(([key, start]) =>
      overHttp(key, (databaseUrl) => start(databaseUrl, orders)),
    ),
  ],
  options.only,
);
try {
  const rounds = await measured(field.contestants.map(observedOn(postgres)), {
    ...{ rounds: options.rounds, warmUps: WARM_UPS, tell: report.tell },
  });
  report.end({
    ...{ options, rounds, ratios: ratios(rounds) },
    versions: { postgres: postgres.version },
    more: { configurations: field.configurations },
  });
} finally {
  await field.stop();
  await generator.stop();
  await postgres.stop();
}

/**
 * Ours over each of the others, in process for pgbench too; over HTTP with the same number of clients and the same kind of
 * answer: where a peer answers with the order, so do we, and where it does not, both of our ways stand beside it.
 */
function ratios(rounds: Rounds): { readonly [name: string]: number | null } {
  const names = Object.keys(rounds);
  const pairs = names
    .filter((name) => !name.startsWith("ours"))
    .flatMap((other) =>
      names
        .filter((name) => name.startsWith("ours") && isLike(name, other))
        .map((ours) => [ours, other] as const),
    );
  return Object.fromEntries(
    pairs.map(([ours, other]) => [`${ours} / ${other}`, ratio(rounds, "perSecond", ours, other)]),
  );
}

function isLike(ours: string, other: string): boolean {
  if (other.startsWith("pgbench")) return true;
  const [[ourKey = "", ourClients], [key = "", clients]] = [ours.split(", "), other.split(", ")];
  if (ourClients !== clients) return false;
  const plainKey = key.replace(/-minimal$/, "");
  return !WITH_ORDERS.has(plainKey) || ourKey.endsWith("-minimal") === key.endsWith("-minimal");
}
