/** 50 workers do 5,000 jobs over two servers; a third of the workers and one server are killed: every job ends once. */

import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { apiOf, create, history, isAny, publish, verify, type Api } from "./api.ts";
import type { WorkerOrders } from "./job-worker.ts";
import { byClients } from "./lanes.ts";
import { ADMIN, createSite, NODE, startServer, tokenFor } from "./server.ts";
import type { ServerProcess, Site } from "./server.ts";
import { until } from "../runtime/engine.ts";
import { withTheFile } from "../support/with-the-file.ts";

const ORDERS = 500;
const JOBS_EACH = 10;
const JOBS = ORDERS * JOBS_EACH;
/** Each a process of several workers. */
const PROCESSES = 10;
const WORKERS_EACH = 5;
/** Of the processes, by SIGKILL; with the two workers that vanish, 17 of 50 workers are lost. */
const KILLED = 3;
const CLIENTS = 16;
const LEASE_S = 3;

/** Ten regions at once, so that workers of different processes meet in one order. */
const SHEET = `
process: sheet
version: 1.0.0
data: { type: object, properties: { stamps: { type: integer, default: 0 } } }
jobs:
  stamp:
    retries: 20
    output: { type: object, required: [by], properties: { by: { type: string } } }
machine:
  type: parallel
  states:
${Array.from({ length: JOBS_EACH }, (_, place) => region(place)).join("\n")}
`;

function region(place: number): string {
  const stamp = "{ type: assign, params: { stamps: '= stamps + 1' } }";
  return `    place${place}:
      initial: open
      states:
        open: { invoke: { id: stamp${place}, src: stamp, onDone: { target: stamped, actions: [${stamp}] } } }
        stamped: { type: final }`;
}

let site: Site;
const servers: ServerProcess[] = [];
const workers: ChildProcess[] = [];

beforeAll(async () => {
  site = await createSite("postgres");
  servers.push(await startServer(site), await startServer(site));
}, 120_000);

afterAll(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  await Promise.all(servers.map((server) => server.kill()));
  await site.remove();
});

test("none is lost, and none is done twice", async () => {
  const [one, other] = servers;
  if (one === undefined || other === undefined) throw new Error("expected two servers");
  const token = await tokenFor(site, ADMIN);
  const api = apiOf(() => other.url, token);
  await publish(api, SHEET);
  const ids = await byClients(CLIENTS, range(ORDERS), async () => {
    return (await create(api, { process: "sheet" })).id;
  });

  const startedAt = performance.now();
  const told = { done: new Set<string>(), again: 0, lost: 0 };
  const urls = [one.url, other.url];
  for (const number of range(PROCESSES)) {
    const isDoomed = number < KILLED;
    const vanishing = !isDoomed && number < KILLED + 2 ? 1 : 0;
    start({ ...WORK, urls, token, name: `w${number}`, vanishing }, told);
  }
  for (const number of range(KILLED)) {
    await until(() => Promise.resolve(told.done.size > (JOBS * (number + 1)) / 8), 200_000);
    workers[number]?.kill("SIGKILL");
  }
  await until(() => Promise.resolve(told.done.size > JOBS / 2), 200_000);
  await one.kill();
  await until(async () => !(await isAny(api, { process: "sheet", status: "active" })), 200_000);
  const tookMs = Math.round(performance.now() - startedAt);

  const counts = await counted(api, ids, told.done);
  const { again, lost } = told;
  console.log(`workers: ${text({ ...counts, toldTwice: again, leasesLost: lost, tookMs })}`);
  expect(counts).toEqual({
    ...{ jobs: JOBS, doubled: 0, missing: 0, toldButMissing: 0, wrongStamps: 0 },
    ...{ incidents: 0, unverified: 0 },
  });
}, 600_000);

const WORK = { type: "stamp", workers: WORKERS_EACH, max: 4, leaseSeconds: LEASE_S } as const;

interface Told {
  readonly done: Set<string>;
  /** An answer came for a job that another worker was told to have done. */
  again: number;
  lost: number;
}

function start(orders: WorkerOrders, told: Told): void {
  const script = new URL("job-worker.ts", import.meta.url).pathname;
  const parameters = [script, JSON.stringify(orders)];
  const child = withTheFile(spawn(NODE, parameters, { stdio: ["ignore", "pipe", "inherit"] }));
  workers.push(child);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { done, lost } = answers.parse(JSON.parse(line));
    if (lost !== undefined) told.lost += 1;
    if (done === undefined) return;
    if (told.done.has(done)) told.again += 1;
    told.done.add(done);
  });
}

const answers = z.object({ done: z.string().optional(), lost: z.string().optional() });
const ended = z.object({ job: z.string() });

/** From the histories. */
async function counted(api: Api, ids: readonly string[], told: ReadonlySet<string>) {
  const completed = new Map<string, number>();
  const found = { wrongStamps: 0, incidents: 0, unverified: 0 };
  await byClients(CLIENTS, ids, async (id) => {
    for (const { type, payload } of await history(api, id)) {
      if (type !== "job.completed") continue;
      const job = `${id}.${ended.parse(payload).job}`;
      completed.set(job, (completed.get(job) ?? 0) + 1);
    }
    const { verified } = await verify(api, id);
    if (!verified) found.unverified += 1;
    const order = sheet.parse((await api(`/v1/work-orders/${id}`)).body);
    if (order.data.stamps !== JOBS_EACH) found.wrongStamps += 1;
    if (order.status !== "done") found.incidents += 1;
  });
  return {
    jobs: completed.size,
    doubled: [...completed.values()].filter((times) => times > 1).length,
    missing: JOBS - completed.size,
    toldButMissing: [...told].filter((job) => !completed.has(job)).length,
    ...found,
  };
}

const sheet = z.object({ status: z.string(), data: z.object({ stamps: z.int() }) });

function text(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
