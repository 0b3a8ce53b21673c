/** What a figure is worth nothing without: the machine, the versions, and how busy the machine was with other things. */

import { open, readFile, rm } from "node:fs/promises";
import { cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { median, rounded } from "./statistics.ts";

const SYNCS = 50;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Median of an 8 KB append with fdatasync, where the database's folder is. */
  readonly syncMs: number;
  /** Before the bench began, over one minute: whose cores they were. */
  readonly load: number;
  readonly node: string;
  /** Of the product and of what carries it. */
  readonly packages: { readonly [name: string]: string };
}

export async function describeMachine(): Promise<Machine> {
  const [core] = cpus();
  return {
    cpu: core?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: rounded(totalmem() / 2 ** 30),
    kernel: release(),
    syncMs: rounded(await syncMs()),
    load: rounded(loadavg()[0] ?? Number.NaN),
    node: process.version,
    packages: await packageVersions(),
  };
}

async function syncMs(): Promise<number> {
  const path = join(tmpdir(), `sevenstep-sync-${process.pid}`);
  const file = await open(path, "w");
  try {
    const page = Buffer.alloc(8_192, 1);
    const times: number[] = [];
    for (let n = 0; n < SYNCS; n += 1) {
      const from = performance.now();
      await file.write(page);
      await file.datasync();
      times.push(performance.now() - from);
    }
    return median(times);
  } finally {
    await file.close();
    await rm(path);
  }
}

async function packageVersions(): Promise<{ readonly [name: string]: string }> {
  const path = new URL("../../../package.json", import.meta.url);
  const { version, dependencies } = manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
  const carrying = ["hono", "@hono/node-server", "kysely", "pg", "xstate", "zod"];
  const found = carrying.map((name) => [name, dependencies[name] ?? "absent"] as const);
  return { sevenstep: version, ...Object.fromEntries(found) };
}

const manifestSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
});
