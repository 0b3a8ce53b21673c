/** Runs pgbench and reads what it says. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { quantile } from "../support/statistics.ts";
import type { Script } from "./scripts.ts";

export interface Weighted {
  readonly script: Script;
  /** Of how many transitions it is one. */
  readonly weight: number;
}

export interface PgbenchOptions {
  /** Folder of the program. */
  readonly binaries: string;
  readonly databaseUrl: string;
  readonly scripts: readonly Weighted[];
  readonly orders: number;
  readonly clients: number;
  readonly seconds: number;
  /** Writes each transaction's time to a file, and reads it. */
  readonly latencies?: boolean;
}

export interface PgbenchResult {
  readonly perSecond: number;
  /** Milliseconds; NaN unless they were asked for. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** @throws {Error} when it does, with what it said */
export async function runPgbench(options: PgbenchOptions): Promise<PgbenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "sevenstep-pgbench-"));
  try {
    const child = spawn(join(options.binaries, "pgbench"), await parameters(options, folder), {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = once(child, "close");
    const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await closed;
    const perSecond = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
    if (code !== 0 || !(perSecond > 0)) throw new Error(`pgbench: ${complained}${said}`);
    const ms = await latenciesIn(folder);
    return {
      perSecond,
      ...{ p50: quantile(ms, 0.5), p95: quantile(ms, 0.95), p99: quantile(ms, 0.99) },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function parameters(options: PgbenchOptions, folder: string): Promise<readonly string[]> {
  const { databaseUrl, scripts, orders, clients, seconds, latencies = false } = options;
  const { hostname, port, username, pathname } = new URL(databaseUrl);
  const files = scripts.map(async ({ script, weight }, number) => {
    const path = join(folder, `script-${number}.sql`);
    await writeFile(path, script.text);
    return ["-f", `${path}@${weight}`];
  });
  const variables = scripts.flatMap(({ script }) => Object.entries(script.variables));
  const each = Math.max(1, Math.floor(orders / clients));
  return [
    ...["-n", "-M", "prepared", "-T", String(seconds), "-c", String(clients)],
    ...["-j", String(Math.min(clients, cpus().length))],
    ...(latencies ? ["-l"] : []),
    ...["-h", hostname, "-p", port, "-U", username],
    ...["-D", `clients=${clients}`, "-D", `each=${each}`],
    ...variables.flatMap(([name, value]) => ["-D", `${name}=${value}`]),
    ...(await Promise.all(files)).flat(),
    pathname.slice(1),
  ];
}

/** Third column of its log: microseconds. */
async function latenciesIn(folder: string): Promise<readonly number[]> {
  const logs = (await readdir(folder)).filter((name) => name.startsWith("pgbench_log"));
  const texts = await Promise.all(logs.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((log) =>
    log
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => Number(line.split(" ")[2]) / 1_000),
  );
}
