/**
 * From the start of the process to the first acknowledged transition on the embedded database, as a user starts it: on a
 * data folder that is there, and on none. And how many times an acknowledged transition is written to the disk.
 * Run: `npm run bench:start-up`.
 */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Beat } from "../../src/cli/demo/story.ts";
import { castTokens } from "../../src/cli/demo/tokens.ts";
import { benchOptions } from "./support/options.ts";
import { startOurServer, type OurServer } from "./support/our-server.ts";
import { cpuMsOf } from "./support/process-stat.ts";
import { startReport } from "./support/report.ts";
import { measured, progress, type Contestant, type Figures } from "./support/rounds.ts";
import { definitions, storyNamed } from "./support/visits.ts";

const options = benchOptions({ rounds: 7, transitions: 20 });
const CENTRE = "bench";
const made = z.object({ id: z.string() });

const report = await startReport("start-up");
const story = await storyNamed("walk-in-story");
const home = await mkdtemp(join(tmpdir(), "sevenstep-start-"));
try {
  const existing = join(home, "existing");
  await (await startedIn(existing)).stop();
  const contestants: readonly Contestant[] = [
    { name: "existing folder", run: () => firstTransition(existing) },
    { name: "empty folder", run: (round) => firstTransition(join(home, `empty-${round}`)) },
    { name: "code alone", run: codeAlone },
  ];
  const rounds = await measured(contestants, { rounds: options.rounds, tell: report.tell });
  progress("counting syncs");
  report.end({ options, rounds, more: { syncs: await syncsOf(existing) } });
} finally {
  await rm(home, { recursive: true, force: true });
}

function startedIn(dataFolder: string): Promise<OurServer> {
  return startOurServer({ dataFolder, environment: definitions });
}

/** An order of the flagship is made, and gets its first event. */
async function firstTransition(dataFolder: string): Promise<Figures> {
  const from = performance.now();
  const server = await startedIn(dataFolder);
  try {
    const readyMs = performance.now() - from;
    const caller = await callerOf(server);
    const id = await caller.create();
    const firstMs = performance.now() - from;
    const cpuMs = await cpuMsOf(server.pid);
    await caller.send(id, story.beats[0]);
    return { readyMs, firstMs, secondMs: performance.now() - from, cpuMs };
  } finally {
    await server.stop();
  }
}

/** Node comes up, and all modules are loaded: what no server can do without. */
async function codeAlone(): Promise<Figures> {
  const from = performance.now();
  const root = new URL("../../", import.meta.url);
  const parameters = ["src/cli/sevenstep.js", "--version"];
  const child = spawn(process.execPath, parameters, { cwd: root, stdio: "ignore" });
  await once(child, "exit");
  return { firstMs: performance.now() - from };
}

async function callerOf({ url, dataFolder }: OurServer) {
  const tokens = await castTokens(story, dataFolder, CENTRE);
  const post = async (by: string, path: string, body: object): Promise<string> => {
    const token = tokens.get(by) ?? "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(new URL(path, url), request);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return made.parse(await response.json()).id;
  };
  return {
    create: () => {
      const { by, data } = story.given;
      return post(by, "/v1/work-orders", { process: "service-visit", centre: CENTRE, data });
    },
    send: (id: string, beat: Beat | undefined) => {
      if (beat === undefined || !("event" in beat.step)) throw new Error("expected an event");
      const { by, event, payload = {} } = beat.step;
      return post(by, `/v1/work-orders/${id}/events`, { type: event, payload });
    },
  };
}

/** By strace, where it is there and allowed: system calls of the server between sending and answer, one request at a time. */
async function syncsOf(dataFolder: string): Promise<object> {
  if (spawnSync("strace", ["-V"]).status !== 0) return { counted: "strace is not installed" };
  const server = await startedIn(dataFolder);
  const log = join(home, "strace");
  const flags = ["-f", "-e", "trace=fsync,fdatasync", "-o", log, "-p", String(server.pid)];
  const tracer = spawn("strace", flags, { stdio: "ignore" });
  try {
    await sleep(1_000);
    if (tracer.exitCode !== null) return { counted: "strace may not trace here" };
    const caller = await callerOf(server);
    const syncs: number[] = [];
    for (let n = 0; n < options.transitions; n += 1) {
      const before = await syncsIn(log);
      await caller.create();
      syncs.push((await syncsIn(log)) - before);
    }
    return { transitions: syncs.length, fewest: Math.min(...syncs), most: Math.max(...syncs) };
  } finally {
    // Only then: a signal that comes while it lets go of the server is lost.
    if (tracer.exitCode === null && tracer.kill("SIGINT")) await once(tracer, "exit");
    await server.stop();
  }
}

async function syncsIn(log: string): Promise<number> {
  const lines = (await readFile(log, "utf8")).split("\n");
  return lines.filter((line) => /f(data)?sync\(\d+\) += 0/.test(line)).length;
}
