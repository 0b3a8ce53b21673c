/**
 * Twice as many requests as the server can do, from callers that don't wait for one another: how long the accepted ones take
 * beside those at capacity, whether every refusal says when to come again, and whether what was acknowledged is exactly
 * what is stored.
 * Run: `npm run bench:overload -- --rounds 5 --seconds 5`. Ends with 1 when the two sets differ.
 */

import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startLoadGenerator } from "./support/load/load-generator.ts";
import type { LoadResult, Plan } from "./support/load/plan.ts";
import { benchOptions, numbersIn } from "./support/options.ts";
import { startOurTarget } from "./support/our-target.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, ratio, type Figures } from "./support/rounds.ts";

const options = benchOptions({
  rounds: 5,
  /** Of one measurement. */
  seconds: 5,
  /** By which capacity is found: the best of them. */
  clients: "64,256",
  /** How many times the capacity is offered. */
  times: 2,
  /** Open at once, under overload; more than the server lets in. */
  connections: 4_096,
  orders: 8_192,
});
const { seconds, orders, times, connections } = options;

const report = await startReport("overload");
const folder = await mkdtemp(join(tmpdir(), "sevenstep-overload-"));
const postgres = await startBenchPostgres();
const generator = startLoadGenerator();
const databaseUrl = await postgres.createDatabase("overload");
const ours = await startOurTarget(databaseUrl, orders);

const files: string[] = [];
/** Of the round. */
let capacity = 0;
let broken = 0;
let withoutRetryAfter = 0;

type Shape =
  | { readonly kind: "closed"; readonly clients: number }
  | { readonly kind: "open"; readonly perSecond: number; readonly connections: number };

async function load(shape: Shape): Promise<LoadResult> {
  const acknowledgements = join(folder, `acknowledgements-${files.length}`);
  files.push(acknowledgements);
  const base = { target: ours.target, ids: ours.ids, seconds, warmUpSeconds: 1, acknowledgements };
  const plan: Plan = { ...base, ...shape };
  return generator.run(plan);
}

async function closed(clients: number): Promise<Figures> {
  const result = await load({ kind: "closed", clients });
  capacity = Math.max(capacity, result.perSecond);
  return { perSecond: result.perSecond, ...result.latency };
}

async function overloaded(): Promise<Figures> {
  const offered = capacity * times;
  capacity = 0;
  const result = await load({ kind: "open", perSecond: offered, connections });
  const { statuses, accepted, latency, refusedLatency, withRetryAfter, unsent } = result;
  const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const cut = statuses["0"] ?? 0;
  const refused = answers - accepted - cut;
  broken += cut;
  withoutRetryAfter += refused - withRetryAfter;
  return {
    ...{ perSecond: result.perSecond, ...latency, offered, answered: answers / seconds, unsent },
    ...{ refused: refused / seconds, withRetryAfter: withRetryAfter / seconds, broken: cut },
    ...{ refusedP99: refusedLatency.p99, generatorCpuUs: result.cpuUsPerRequest },
    serverPeakMb: await peakMb(ours.server.pid),
  };
}

/** Every transition that a client was told of, as `order revision`; what was told twice counts twice. */
async function acknowledged(): Promise<readonly string[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return texts.flatMap((text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" "))
      .map(([id, , revision]) => `${id} ${revision}`),
  );
}

/** Every transition in the database, the orders' own first entries aside. */
async function stored(): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({
      text: "select order_id || ' ' || revision from entries where revision > 1",
      rowMode: "array",
    });
    return rows.map(([line]) => line ?? "");
  } finally {
    await client.end();
  }
}

/** The most memory that the process ever held. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

const OVER = `at ${times} x capacity`;
const capacities = numbersIn(options.clients).map((clients) => ({
  name: `${clients} clients`,
  run: () => closed(clients),
}));
const contestants = [...capacities, { name: OVER, run: overloaded }];

try {
  const rounds = await measured(contestants, { rounds: options.rounds, tell: report.tell });
  const [told, kept] = [await acknowledged(), await stored()];
  const [toldSet, keptSet] = [new Set(told), new Set(kept)];
  const proof = {
    ...{ acknowledged: told.length, stored: kept.length },
    lost: told.filter((each) => !keptSet.has(each)).length,
    unacknowledged: kept.filter((each) => !toldSet.has(each)).length,
    acknowledgedTwice: told.length - toldSet.size,
    /** Whose outcome their clients don't know: only these may be stored without an acknowledgement. */
    broken,
    withoutRetryAfter,
  };
  report.end({
    ...{ options, rounds, versions: { postgres: postgres.version }, more: { proof } },
    ratios: Object.fromEntries(
      capacities.map(({ name }) => [
        `p99 of accepted: ${OVER} / ${name}`,
        ratio(rounds, "p99", OVER, name),
      ]),
    ),
  });
  console.table(proof);
  const isRight =
    proof.lost === 0 && proof.unacknowledged <= broken && proof.acknowledgedTwice === 0;
  process.exitCode = isRight ? 0 : 1;
} finally {
  await ours.stop();
  await generator.stop();
  await postgres.stop();
  await rm(folder, { recursive: true });
}
