/**
 * Entries per second that one core replays and verifies, hashes and chain and every byte of every entry, from histories
 * that a server wrote: whole visits of the flagship, and orders of the bench's process with their 3 KB of data.
 * Run: `npm run bench:replay`.
 */

import { readFile } from "node:fs/promises";
import { judge } from "../../machines/compile/judge.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { replay } from "../../src/audit/replay.ts";
import { profiled } from "./request/profile.ts";
import { benchOptions } from "./support/options.ts";
import { ADMIN, publishBenchProcess, startOurServer, TECHNICIAN } from "./support/our-server.ts";
import type { OurServer } from "./support/our-server.ts";
import { startReport } from "./support/report.ts";
import { measured, progress, type Contestant, type Figures } from "./support/rounds.ts";
import { document, orderData } from "./step-definition.ts";
import { definitions, FLAGSHIP, linesOf, playVisits } from "./support/visits.ts";

const options = benchOptions({ rounds: 5, seconds: 2, benchEntries: 49, profile: 0 });
const STORIES = ["good-story", "walk-in-story", "rework-at-each-gate"] as const;

type History = readonly string[];

const report = await startReport("replay");
const executables = new Map(
  [judged(await readFile(FLAGSHIP, "utf8"), "yaml"), judged(JSON.stringify(document), "json")].map(
    (each) => [each.digest, each] as const,
  ),
);
const { visits, steps } = await histories();
if (options.profile > 0) await showProfile([...visits, ...steps]);
const contestants = [contestant("service visits", visits), contestant("bench process", steps)];
const rounds = await measured(contestants, { rounds: options.rounds, tell: report.tell });
report.end({ options, rounds });

function judged(text: string, format: "json" | "yaml"): Executable {
  const { executable, findings } = judge(text, format);
  if (executable === null) throw new Error(JSON.stringify(findings));
  return executable;
}

/** As a server wrote them. */
async function histories() {
  progress("a server writes the histories");
  const server = await startOurServer({ environment: definitions });
  try {
    const stories: History[] = [];
    for (const story of STORIES) {
      for (const { id } of await playVisits(server, story, { count: 1, atOnce: 1 })) {
        stories.push(await linesOf(server, id));
      }
    }
    await publishBenchProcess(server);
    return { visits: stories, steps: [await benchHistory(server)] };
  } finally {
    await server.stop();
  }
}

async function benchHistory(server: OurServer): Promise<History> {
  const post = async (path: string, token: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(new URL(path, server.url), {
      ...{ method: "POST", headers, body: JSON.stringify(body) },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  const [admin, technician] = [await server.token(ADMIN), await server.token(TECHNICIAN)];
  const id = crypto.randomUUID();
  await post("/v1/work-orders", admin, { id, process: "bench-visit", data: orderData });
  for (let entry = 1; entry < options.benchEntries; entry += 1) {
    const event = { type: "NEXT", payload: { amount: 12.5 } };
    await post(`/v1/work-orders/${id}/events`, technician, event);
  }
  return linesOf(server, id);
}

function contestant(name: string, all: readonly History[]): Contestant {
  return { name, run: () => Promise.resolve(replayedFor(all, options.seconds * 1_000)) };
}

/** The processor's own time counts, too: what else the machine does is no cost of a replay. */
function replayedFor(all: readonly History[], forMs: number): Figures {
  const cpu = process.threadCpuUsage();
  const from = performance.now();
  let entries = 0;
  while (performance.now() - from < forMs) for (const lines of all) entries += verified(lines);
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.threadCpuUsage(cpu);
  const bytes = all.flat().reduce((sum, line) => sum + line.length, 0);
  return {
    entriesPerSecond: entries / seconds,
    entriesPerCpuSecond: entries / ((user + system) / 1e6),
    bytesPerEntry: bytes / all.flat().length,
  };
}

/** @returns how many entries were replayed. @throws {Error} when one of them diverges */
function verified(lines: History): number {
  for (const next of replay(lines, (digest) => executables.get(digest) ?? null)) {
    if (next.kind === "diverged") throw new Error(JSON.stringify(next));
  }
  return lines.length;
}

async function showProfile(all: readonly History[]): Promise<void> {
  replayedFor(all, 1_000);
  const profile = profiled();
  await profile.start();
  replayedFor(all, options.profile * 1_000);
  for (const { share, place } of await profile.stop()) process.stderr.write(`${share}% ${place}\n`);
}
