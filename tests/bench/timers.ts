/**
 * What timers cost. A hundred thousand that are due at once, each a full transition, beside events on the same database;
 * and events each of which sets or cancels a timer, among a million pending ones and among none.
 * Run: `npm run bench:timers`.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../machines/json.ts";
import { copyOrders } from "./support/copies.ts";
import { benchOptions } from "./support/options.ts";
import { ADMIN, createOrders, startOurEngine, type OurEngine } from "./support/our-engine.ts";
import { sendInProcess } from "./support/our-load.ts";
import { asked, startBenchPostgres } from "./support/postgres.ts";
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
const TO_BE_DUE_MS = 2_000;

/** The bench's process with timers that are due a second after they are set. */
const SOON: JsonObject = JSON.parse(
  JSON.stringify({ ...document, process: "bench-soon" }).replaceAll('"PT15M"', '"PT1S"'),
);

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
const engines: OurEngine[] = [];
try {
  const { tell } = report;
  const fired = await measured(await dueAtOnce(), { rounds: options.rounds, tell });
  const set = await measured(
    [await toggling("none pending", 0), await toggling("many pending", options.pending)],
    { rounds: options.rounds, tell },
  );
  report.end({
    ...{ options, rounds: { ...fired, ...set }, versions: { postgres: postgres.version } },
    ratios: {
      "due timers / events": ratio(fired, "perSecond", "due timers", "events"),
      "cost of setting, many pending / none": ratio(set, "cost", "many pending", "none pending"),
    },
  });
} finally {
  for (const { close } of engines) await close();
  await postgres.stop();
}

/** New orders each round, made while nothing looks for timers. */
async function dueAtOnce(): Promise<readonly Contestant[]> {
  const databaseUrl = await postgres.createDatabase("due");
  const { senders, seconds, due } = options;
  const run = async (): Promise<Figures> => {
    const still = await startOurEngine({ databaseUrl, loops: false });
    const models = await ordersOf(still, SOON, MODELS);
    await still.close();
    await copyOrders({ databaseUrl, models, count: due - MODELS });
    await sleep(TO_BE_DUE_MS);
    const before = await firings(databaseUrl);
    progress(`${due} timers are due`);
    const looking = await startOurEngine({ databaseUrl });
    const from = performance.now();
    while (await isAnyDue(databaseUrl)) await sleep(LOOK_MS);
    const perSecond = due / ((performance.now() - from) / 1_000);
    const found = (await firings(databaseUrl)) - before;
    await looking.close();
    if (found !== due) throw new Error(`expected ${due} timers to fire, found ${found}`);
    return { perSecond };
  };
  const engine = await startOurEngine({ databaseUrl: await postgres.createDatabase("events") });
  engines.push(engine);
  const ids = await createOrders(engine.engine, options.orders);
  const events = async (): Promise<Figures> => ({
    ...(await sendInProcess({ engine: engine.engine, ids, senders, seconds })),
  });
  return [
    { name: "due timers", run },
    { name: "events", run: events },
  ];
}

async function toggling(name: string, pending: number): Promise<Contestant> {
  const databaseUrl = await postgres.createDatabase(name.replaceAll(" ", "_"));
  const ours = await startOurEngine({ databaseUrl });
  engines.push(ours);
  progress(`${pending} timers are pending`);
  await asked(
    databaseUrl,
    `insert into timers (order_id, id, due_at)
     select gen_random_uuid()::text, 'pending', now() + interval '1 day' + n * interval '1 millisecond'
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

async function isAnyDue(databaseUrl: string): Promise<boolean> {
  const is = await asked(
    databaseUrl,
    "select exists (select from timers where due_at <= now() and test_clock is null)::text",
  );
  return is === "true";
}

async function firings(databaseUrl: string): Promise<number> {
  return Number(
    await asked(databaseUrl, "select count(*)::text from entries where type = 'timer.fired'"),
  );
}
