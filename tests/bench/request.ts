/**
 * Microseconds of processor time that one request costs the server's process, store left out: a bare Hono handler, the
 * application with an engine that has its answer ready (`edge`), the whole application (`full`), and one that has no room
 * (`refusing`), A B A B in one run, over real sockets.
 * Run: `npm run bench:request`; with `--profile full` it says where the time of that one goes.
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { askAll } from "./request/ask.ts";
import type { Question } from "./request/server.ts";
import { benchOptions } from "./support/options.ts";
import { startReport } from "./support/report.ts";
import { measured, type Figures } from "./support/rounds.ts";

const options = benchOptions({ rounds: 7, requests: 4_000, connections: 32, profile: "" });
const WARM_UPS = 2;
const CONTESTANTS = ["bare", "edge", "full", "refusing"];

const standingSchema = z.object({
  urls: z.record(z.string(), z.string()),
  ids: z.array(z.string()),
  token: z.string(),
});
const cpuSchema = z.object({ user: z.number(), system: z.number() });
const BODY = JSON.stringify({ type: "NEXT", payload: { amount: 1.5 } });

const report = await startReport("request");
const server = fork(new URL("request/server.ts", import.meta.url));
await once(server, "message");
const { urls, ids, token } = standingSchema.parse(await told("standing"));
let keys = 0;

if (options.profile === "") await measureAll();
else await profileOne(options.profile);
server.disconnect();

async function measureAll(): Promise<void> {
  const contestants = CONTESTANTS.map((name) => ({ name, run: () => cpuPerRequest(name) }));
  const { rounds: count } = options;
  const rounds = await measured(contestants, {
    ...{ rounds: count, warmUps: WARM_UPS, tell: report.tell },
  });
  report.end({ options, rounds });
}

async function cpuPerRequest(name: string): Promise<Figures> {
  const from = await cpuUs();
  const { answers } = await ask(name);
  const to = await cpuUs();
  const expected = name === "refusing" ? "503" : "200";
  if (answers[expected] !== options.requests) throw new Error(JSON.stringify(answers));
  const [user, system] = [to.user - from.user, to.system - from.system];
  const { requests } = options;
  return { us: (user + system) / requests, user: user / requests, system: system / requests };
}

async function profileOne(name: string): Promise<void> {
  for (let warmUp = 0; warmUp <= WARM_UPS; warmUp += 1) await ask(name);
  await told("profile");
  await ask(name);
  console.table(await told("profiled"));
}

function ask(name: string) {
  return askAll(urls[name] ?? "", options, requestText);
}

function requestText(n: number): string {
  keys += 1;
  return [
    `POST /v1/work-orders/${ids[n % ids.length]}/events HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    "Accept: application/json",
    `Idempotency-Key: 01980c3e-6c1a-7000-8000-${String(keys).padStart(12, "0")}`,
    `Content-Length: ${BODY.length}`,
    "",
    BODY,
  ].join("\r\n");
}

async function cpuUs(): Promise<z.infer<typeof cpuSchema>> {
  return cpuSchema.parse(await told("cpu"));
}

async function told(question: Question): Promise<unknown> {
  const answered = once(server, "message");
  server.send(question);
  const [message]: unknown[] = await answered;
  return message;
}
