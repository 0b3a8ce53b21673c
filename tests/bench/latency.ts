/**
 * How long one transition takes, over HTTP with 1 to 256 clients and in process with one sender; beside it pgbench's one
 * client making the same writes, in one transaction of many statements and in one statement.
 * Run: `npm run bench:latency -- --rounds 5 --seconds 3`.
 */

import { preparePgbench, type PgbenchForm } from "./pgbench/prepare.ts";
import { startEntrants, type Entrant } from "./support/entrants.ts";
import { startLoadGenerator } from "./support/load/load-generator.ts";
import { benchOptions, numbersIn } from "./support/options.ts";
import { createOrders, startOurEngine } from "./support/our-engine.ts";
import { sendInProcess } from "./support/our-load.ts";
import { startOurTarget } from "./support/our-target.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, ratio } from "./support/rounds.ts";
import { served } from "./support/served.ts";

const options = benchOptions({
  rounds: 5,
  /** Of one measurement. */
  seconds: 3,
  orders: 1_024,
  clients: "1,2,4,8,16,32,64,128,256",
});
const { seconds, orders } = options;

const report = await startReport("latency");
const postgres = await startBenchPostgres();
const generator = startLoadGenerator();

const overHttp: Entrant = {
  key: "http",
  start: async () => {
    const ours = await startOurTarget(await postgres.createDatabase("http"), orders);
    const contestants = numbersIn(options.clients).map((clients) => ({
      name: `${clients} ${clients === 1 ? "client" : "clients"} over HTTP`,
      run: () => served(generator, ours, { clients, seconds }),
    }));
    return { contestants, stop: ours.stop };
  },
};

const inProcess: Entrant = {
  key: "in-process",
  start: async () => {
    const databaseUrl = await postgres.createDatabase("in_process");
    const { engine, close } = await startOurEngine({ databaseUrl });
    const ids = await createOrders(engine, orders);
    const run = async () => ({ ...(await sendInProcess({ engine, ids, senders: 1, seconds })) });
    return { contestants: [{ name: "1 sender in process", run }], stop: close };
  },
};

const FORMS = {
  "pgbench, 1 client, statements": { form: "statements", wholeState: false },
  "pgbench, 1 client, statements, whole state": { form: "statements", wholeState: true },
  "pgbench, 1 client, one statement": { form: "one statement", wholeState: false },
} as const satisfies { readonly [name: string]: PgbenchForm };

const pgbench: Entrant = {
  key: "pgbench",
  start: async () => {
    if (postgres.binaries === null) throw new Error("there is no pgbench");
    const prepared = await preparePgbench(postgres, postgres.binaries, orders);
    const contestants = Object.entries(FORMS).map(([name, form]) => ({
      name,
      run: async () => ({
        ...(await prepared.run(form, { clients: 1, seconds, latencies: true })),
      }),
    }));
    return { contestants, stop: () => Promise.resolve() };
  },
};

const field = await startEntrants([pgbench, inProcess, overHttp], "");
try {
  const rounds = await measured(field.contestants, { rounds: options.rounds, tell: report.tell });
  const ours = ["1 client over HTTP", "1 sender in process"];
  const pairs = ours.flatMap((name) => Object.keys(FORMS).map((other) => [name, other] as const));
  report.end({
    ...{ options, rounds, versions: { postgres: postgres.version } },
    ratios: Object.fromEntries(
      pairs.map(([name, other]) => [`p50: ${name} / ${other}`, ratio(rounds, "p50", name, other)]),
    ),
  });
} finally {
  await field.stop();
  await generator.stop();
  await postgres.stop();
}
