/**
 * What timers cost. A hundred thousand that are due at once, each a full transition, beside events on the same database: as
 * many orders that nobody has touched either, and few that are at hand. And events each of which sets or cancels a timer,
 * among a million pending ones and among none.
 * Run: `npm run bench:timers`.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { JsonObject } from "../../machines/json.ts";
import { copyOrders } from "./support/copies.ts";
import { benchOptions } from "./support/options.ts";
import { ADMIN, createOrders, startOurEngine, type OurEngine } from "./support/our-engine.ts";
import { sendInProcess, sendOnceEach } from "./support/our-load.ts";
import { asked, startBenchPostgres } from "./support/postgres.ts";
import { familyCpuMsOf } from "./support/process-stat.ts";
import { startReport } from "./support/report.ts";
import { measured, progress, ratio, type Contestant, type Figures } from "./support/rounds.ts";
import { document, orderData } from "./step-definition.ts";

const options = benchOptions({
  due: 100_000,
  pending: 1_000_000,
  rounds: 5,
  seconds: 5,
  senders: 256,
  orders: 1_024,
});
const MODELS = 8;
const LOOK_MS = 20;
const IS_ANY_DUE =
  "select exists (select from timers where due_at <= now() and test_clock is null)::text";
const FIRINGS = "select count(*)::text from entries where type = 'timer.fired'";

/** The bench's process with timers that are due at once, and with timers that are not due while the bench runs. */
const SOON = processWith("bench-soon", "PT1S");
const LATER = processWith("bench-later", "P1D");

/** Every event sets a timer, or cancels it. */
const TOGGLE: JsonObject = {
  ...{ process: "bench-toggle", version: "1.0.0", roles: ["technician"] },
  events: { NEXT: { payload: { type: "object", properties: { amount: { type: "number" } } } } },
  machine: {
    initial: "even",
    states: {
      even: { on: { NEXT: "odd" } },
      odd: { on: { NEXT: "even" }, after: { PT1H: "even" } },
    },
  },
};

const report = await startReport("timers");
const postgres = await startBenchPostgres();
const engines = new Set<OurEngine>();
try {
  const { tell } = report;
  const { due, pending, rounds } = options;
  const fired = due === 0 ? {} : await measured(await dueAtOnce(), { rounds, tell });
  const set =
    pending === 0
      ? {}
      : await measured(
          [await toggling("none pending", 0), await toggling("many pending", pending)],
          { rounds, tell },
        );
  report.end({
    ...{ options, rounds: { ...fired, ...set }, versions: { postgres: postgres.version } },
    ratios: {
      "due timers / events": ratio(fired, "perSecond", "due timers", "events"),
      "due timers / events at hand": ratio(fired, "perSecond", "due timers", "events at hand"),
      "cost of setting, many pending / none": ratio(set, "cost", "many pending", "none pending"),
    },
  });
} finally {
  for (const { close } of engines) await close();
  await postgres.stop();
}

/** Each round has a copy of one database, in which nothing has looked for timers yet. */
async function dueAtOnce(): Promise<readonly Contestant[]> {
  const { senders, seconds, due, orders } = options;
  const model = await postgres.createDatabase("flood");
  const others = await makeFlood(model, due);
  let current: OurEngine | null = null;
  const begin = async (): Promise<string> => {
    if (current !== null) await ended(current);
    const databaseUrl = await copied("flood", "round");
    current = await startOurEngine({ databaseUrl, loops: false });
    engines.add(current);
    return databaseUrl;
  };
  const engine = (): OurEngine["engine"] => {
    if (current === null) throw new Error("expected the due timers to have been first");
    return current.engine;
  };
  return [
    {
      name: "due timers",
      run: async () => {
        const databaseUrl = await begin();
        return counted(due, async () => {
          engine().start();
          await noneIsDue(databaseUrl, due);
        });
      },
    },
    {
      name: "events",
      run: () => counted(due, () => sendOnceEach({ engine: engine(), ids: others, senders })),
    },
    {
      name: "events at hand",
      run: async () => {
        const ids = await createOrders(engine(), orders);
        return { ...(await sendInProcess({ engine: engine(), ids, senders, seconds })) };
      },
    },
  ];
}

function processWith(process: string, delay: string): JsonObject {
  const text = JSON.stringify({ ...document, process });
  return JSON.parse(text.replaceAll('"PT15M"', JSON.stringify(delay)));
}

/** Orders whose timers are due, and as many others of the same kind. @returns the others */
async function makeFlood(databaseUrl: string, count: number): Promise<readonly string[]> {
  const still = await startOurEngine({ databaseUrl, loops: false });
  const soon = await ordersOf(still, SOON, MODELS);
  const later = await ordersOf(still, LATER, MODELS);
  await still.close();
  await copyOrders({ databaseUrl, models: soon, count: count - MODELS });
  const copies = await copyOrders({ databaseUrl, models: later, count: count - MODELS });
  return [...later, ...copies];
}

async function copied(model: string, name: string): Promise<string> {
  await asked(postgres.url, `drop database if exists ${name}`);
  await asked(postgres.url, `create database ${name} template ${model} strategy file_copy`);
  return new URL(`/${name}`, postgres.url).href;
}

async function ended(engine: OurEngine): Promise<void> {
  engines.delete(engine);
  await engine.close();
}

/** What `work` cost, which was `count` transitions. CPU in microseconds each, of this process and of the database. */
async function counted(count: number, work: () => Promise<void>): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const cpuBefore = process.cpuUsage();
  const databaseBefore = await familyCpuMsOf(postgres.pid);
  const from = performance.now();
  delay.enable();
  await work();
  delay.disable();
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: count / ((performance.now() - from) / 1_000),
    cpuUs: (user + system) / count,
    databaseCpuUs: (((await familyCpuMsOf(postgres.pid)) - databaseBefore) * 1_000) / count,
    delayP99Ms: delay.percentile(99) / 1e6,
    memoryMb: process.memoryUsage().rss / 2 ** 20,
  };
}

/** Over one connection: to open one for each look would cost the database more than some hundred timers. */
async function noneIsDue(databaseUrl: string, expected: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const is = async (statement: string): Promise<string> => {
      const { rows } = await client.query<string[]>({ text: statement, rowMode: "array" });
      return rows[0]?.[0] ?? "";
    };
    while ((await is(IS_ANY_DUE)) === "true") await sleep(LOOK_MS);
    const found = Number(await is(FIRINGS));
    if (found !== expected) throw new Error(`expected ${expected} timers to fire, found ${found}`);
  } finally {
    await client.end();
  }
}

/** What is set falls among the pending ones: these are due from 50 minutes to half a day from now. */
async function toggling(name: string, pending: number): Promise<Contestant> {
  const databaseUrl = await postgres.createDatabase(name.replaceAll(" ", "_"));
  const ours = await startOurEngine({ databaseUrl });
  engines.add(ours);
  progress(`${pending} timers are pending`);
  await asked(
    databaseUrl,
    `insert into timers (order_id, id, due_at)
     select gen_random_uuid()::text, 'pending', now() + interval '50 minutes' + n * interval '12 hours' / ${Math.max(pending, 1)}
     from generate_series(1, ${pending}) as n`,
  );
  await asked(databaseUrl, "vacuum analyze timers");
  const ids = await ordersOf(ours, TOGGLE, options.orders);
  const { senders, seconds } = options;
  return {
    name,
    run: async () => {
      const found = await sendInProcess({ engine: ours.engine, ids, senders, seconds });
      return { ...found, cost: 1 / found.perSecond };
    },
  };
}

async function ordersOf(
  { engine }: OurEngine,
  process: JsonObject,
  count: number,
): Promise<readonly string[]> {
  const source = { text: JSON.stringify(process), format: "json" } as const;
  const published = await engine.definitions.publish(ADMIN, source);
  if (published.kind === "refused") throw new Error(JSON.stringify(published));
  const data = "data" in process ? { data: orderData } : {};
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const request = { process: published.definition.process, ...data };
    const made = await engine.orders.create(ADMIN, request);
    if (made.kind === "refused") throw new Error(made.detail);
    ids.push(made.order.id);
  }
  return ids;
}
