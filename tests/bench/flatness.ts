/**
 * Whether a transition costs the same among a thousand stored orders and among a million, all with their histories: in
 * process, on one Postgres, a database for each size, measured in turns. Filling the largest one takes some minutes and,
 * with the defaults, some 20 GB.
 * Run: `npm run bench:flatness -- --sizes 1000,1000000`.
 */

import { createOrders, startOurEngine, TECHNICIAN, type OurEngine } from "./support/our-engine.ts";
import { copyOrders } from "./support/copies.ts";
import { benchOptions, numbersIn } from "./support/options.ts";
import { sendInProcess } from "./support/our-load.ts";
import { asked, startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, progress, ratio, type Contestant } from "./support/rounds.ts";

const options = benchOptions({
  sizes: "1000,10000,100000,1000000",
  /** Of each history. */
  entries: 16,
  rounds: 5,
  seconds: 5,
  senders: 256,
  /** Orders that the load goes to, taken from all over the stored ones. */
  targets: 1_000,
});
const MODELS = 8;

const report = await startReport("flatness");
const postgres = await startBenchPostgres();
const engines: OurEngine[] = [];
try {
  const sizes = numbersIn(options.sizes);
  const contestants: Contestant[] = [];
  const megabytes: Record<string, number> = {};
  for (const size of sizes) {
    const databaseUrl = await postgres.createDatabase(`stored_${size}`);
    contestants.push(await filled(databaseUrl, size));
    const bytes = await asked(databaseUrl, "select pg_database_size(current_database())::text");
    megabytes[nameOf(size)] = Math.round(Number(bytes) / 2 ** 20);
  }
  const rounds = await measured(contestants, { rounds: options.rounds, tell: report.tell });
  const [least = 0] = sizes;
  const ratios = sizes.slice(1).map((size) => {
    const name = `${nameOf(size)} / ${nameOf(least)}`;
    return [name, ratio(rounds, "perSecond", nameOf(size), nameOf(least))] as const;
  });
  report.end({
    ...{ options, rounds, ratios: Object.fromEntries(ratios) },
    versions: { postgres: postgres.version },
    more: { megabytes },
  });
} finally {
  for (const { close } of engines) await close();
  await postgres.stop();
}

async function filled(databaseUrl: string, size: number): Promise<Contestant> {
  const { engine, close } = await startOurEngine({ databaseUrl });
  const models = await createOrders(engine, MODELS);
  for (let entry = 1; entry < options.entries; entry += 1) {
    for (const id of models) {
      const event = { type: "NEXT", payload: { amount: 12.5 } };
      const result = await engine.orders.send(TECHNICIAN, id, event);
      if (result.kind === "refused") throw new Error(result.detail);
    }
  }
  // All that an engine writes behind an answer is written when it has stopped.
  await close();
  progress(`filling: ${size} orders`);
  const copies = await copyOrders({ databaseUrl, models, count: size - MODELS });
  const started = await startOurEngine({ databaseUrl });
  engines.push(started);
  const { senders, seconds, targets } = options;
  const ids = spread(copies, targets);
  return {
    name: nameOf(size),
    run: async () => ({
      ...(await sendInProcess({ engine: started.engine, ids, senders, seconds })),
    }),
  };
}

/** Every so many of them. */
function spread(ids: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, Math.floor(ids.length / count));
  return ids.filter((_, index) => index % step === 0).slice(0, count);
}

function nameOf(size: number): string {
  return `${size} stored`;
}
