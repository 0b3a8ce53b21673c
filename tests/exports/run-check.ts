/**
 * The whole check of exports as one command: `npm run exports:check -- [--orders 10000]`. Walks so many orders, exports
 * them four times by the command, each in a process of its own, and holds the files against the standards and the counts.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { walkerOf } from "../audit/export/walked.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { addressedIn } from "./addressed.ts";
import { checked, hasXmllint } from "./check.ts";
import { countsIn } from "./counts.ts";
import { fill } from "./fill.ts";

const { values } = parseArgs({ options: { orders: { type: "string", default: "10000" } } });
const SEVENSTEP = new URL("../../src/cli/sevenstep.js", import.meta.url).pathname;
const FORMATS = { ocel2: "ocel2", sqlite: "ocel2-sqlite", xes: "xes", ndjson: "ndjson" } as const;
const MEMORY_EVERY_MS = 50;
/** An export of 10,000 orders is longer than that: what gathered it would end here. */
const LITTLE_HEAP = "--max-old-space-size=96";

const progress = (text: string): void => void process.stderr.write(`${text}\n`);
const folder = await mkdtemp(join(tmpdir(), "sevenstep-exports-"));
const server = await startPostgres();
let isRight = true;
try {
  const database = openPostgres(server.url);
  const store = storeOn(database, { rebuild: createRebuild() });
  await store.migrate();
  const walkers = ["service-visit", "traditional-4s"].map(walkerOf);
  await fill({ store, database, walkers, orders: Number(values.orders), progress });
  const expected = await countsIn(database, addressedIn(walkers));
  const files = { ocel2: "", sqlite: "", xes: "", ndjson: "" };
  for (const format of ["ocel2", "sqlite", "xes", "ndjson"] as const) {
    files[format] = join(folder, format);
    const took = await exported(FORMATS[format], files[format], server.url);
    const { size } = await stat(files[format]);
    told({ format, bytes: size, ...took });
  }
  const found = await checked(files);
  const { orders, events } = expected;
  const wanted = {
    ...{ ocel2: expected, sqlite: expected },
    ...{ xes: { orders, events }, ndjson: { orders, events } },
  };
  isRight = isDeepStrictEqual(found, wanted);
  told({ database: expected, files: found, xmllint: hasXmllint, agree: isRight });
  await store.close();
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}
if (!isRight || !hasXmllint) process.exitCode = 1;

function told(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

interface Took {
  readonly seconds: number;
  /** The most that the process held in memory; null where the system does not tell. */
  readonly peakMb: number | null;
}

async function exported(format: string, out: string, databaseUrl: string): Promise<Took> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [SEVENSTEP, "export", "--format", format, "--out", out], {
    env: { ...process.env, DATABASE_URL: databaseUrl, LANG: "en", NODE_OPTIONS: LITTLE_HEAP },
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peakMb: number | null = null;
  const watch = setInterval(() => {
    peakMb = peakOf(child.pid) ?? peakMb;
  }, MEMORY_EVERY_MS);
  const [code] = await once(child, "exit");
  clearInterval(watch);
  if (code !== 0) throw new Error(`the export ended with ${String(code)}`);
  return { seconds: Math.round(performance.now() - startedAt) / 1_000, peakMb };
}

function peakOf(pid: number | undefined): number | null {
  try {
    const [, kb] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kb === undefined ? null : Math.round(Number(kb) / 1_024);
  } catch {
    return null;
  }
}
