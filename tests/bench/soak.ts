/**
 * Ten minutes under full load over HTTP: what the server holds in memory, what a transition costs, and whether either
 * grows. Memory is compared between the first quarter after a warm-up and the last one, by what is least in each: how much
 * garbage waits to be collected at an instant says nothing.
 * Run: `npm run bench:soak -- --minutes 10`.
 */

import { startLoadGenerator } from "./support/load/load-generator.ts";
import { benchOptions } from "./support/options.ts";
import { startOurTarget } from "./support/our-target.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { cpuMsOf, memoryMbOf } from "./support/process-stat.ts";
import { startReport } from "./support/report.ts";
import { measured, type Figures } from "./support/rounds.ts";
import { served } from "./support/served.ts";
import { median, rounded } from "./support/statistics.ts";

const options = benchOptions({
  minutes: 10,
  /** Before anything counts: code is compiled, caches fill. */
  warmUpMinutes: 1,
  /** Between two looks. */
  seconds: 9,
  clients: 64,
  orders: 2_048,
});
const SAMPLE_MS = 250;

const report = await startReport("soak");
const postgres = await startBenchPostgres();
const generator = startLoadGenerator();
const target = await startOurTarget(await postgres.createDatabase("soak"), options.orders);
const { pid } = target.server;
try {
  const { clients, seconds } = options;
  const perMinute = 60 / (seconds + 1);
  const contestant = {
    name: "server",
    run: async (): Promise<Figures> => {
      const cpuBefore = await cpuMsOf(pid);
      const { load, memory } = await watched(() => served(generator, target, { clients, seconds }));
      const cpuUs = ((await cpuMsOf(pid)) - cpuBefore) * 1_000;
      const { perSecond = 0, p99 = 0 } = load;
      // The generator's warm-up costs as well: the processor's time is of one second more.
      return {
        ...{ perSecond, p99, cpuUs: cpuUs / (perSecond * (seconds + 1)) },
        ...{ leastMb: Math.min(...memory), mostMb: Math.max(...memory) },
      };
    },
  };
  const rounds = await measured([contestant], {
    rounds: Math.max(4, Math.round(options.minutes * perMinute)),
    warmUps: Math.max(1, Math.round(options.warmUpMinutes * perMinute)),
    tell: report.tell,
  });
  const all = rounds["server"] ?? [];
  report.end({
    ...{ options, rounds, versions: { postgres: postgres.version } },
    more: { growth: growthOf(all) },
  });
} finally {
  await generator.stop();
  await target.stop();
  await postgres.stop();
}

async function watched(work: () => Promise<Figures>) {
  const memory: number[] = [await memoryMbOf(pid)];
  const watch = setInterval(() => {
    // A server that has ended shows in the load itself.
    memoryMbOf(pid).then(
      (megabytes) => memory.push(megabytes),
      () => {},
    );
  }, SAMPLE_MS);
  try {
    return { load: await work(), memory };
  } finally {
    clearInterval(watch);
  }
}

/** From the first quarter to the last. */
function growthOf(all: readonly Figures[]) {
  const quarter = Math.max(1, Math.floor(all.length / 4));
  const [first, last] = [all.slice(0, quarter), all.slice(-quarter)];
  const least = (part: readonly Figures[]) => Math.min(...part.map((each) => each["leastMb"] ?? 0));
  const typical = (part: readonly Figures[], figure: string) =>
    median(part.map((each) => each[figure] ?? Number.NaN));
  return {
    memoryMb: rounded(least(last) - least(first)),
    mostMb: rounded(typical(last, "mostMb") - typical(first, "mostMb")),
    perSecond: rounded(typical(last, "perSecond") / typical(first, "perSecond")),
  };
}
