/** Workers that wait for jobs on a real server: woken over servers, gone without a trace, and sent away when it stops. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { claimAnswer } from "../../src/http/schemas/job.ts";
import { apiOf, create, granted, publish, type Api } from "./api.ts";
import { ADMIN, createSite, startServer, tokenFor } from "./server.ts";
import type { ServerProcess, Site } from "./server.ts";

const NOTE = `
process: note
version: 1.0.0
jobs: { type-it: {} }
machine:
  initial: open
  states:
    open: { invoke: { src: type-it, onDone: done } }
    done: { type: final }
`;

const WAITING = 20;

let site: Site | null = null;
const servers: ServerProcess[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await site?.remove();
});

async function started(): Promise<ServerProcess> {
  if (site === null) throw new Error("expected a site");
  const server = await startServer(site);
  servers.push(server);
  return server;
}

async function apiTo({ url }: ServerProcess): Promise<Api> {
  if (site === null) throw new Error("expected a site");
  return apiOf(() => url, await tokenFor(site, ADMIN));
}

const claim = (api: Api, waitSeconds: number) =>
  api("/v1/jobs/claim", { body: { types: ["type-it"], waitSeconds } });

test("a job that one server opens goes to a worker that waits on another, at once", async () => {
  site = await createSite("postgres");
  const [one, other] = [await apiTo(await started()), await apiTo(await started())];
  await publish(one, NOTE);
  const waitedMs: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const waiting = claim(other, 30);
    await sleep(200);
    const openedAt = performance.now();
    const order = await create(one, { process: "note" });
    const { items } = granted(claimAnswer, await waiting);
    waitedMs.push(Math.round(performance.now() - openedAt));
    expect(items).toMatchObject([{ order: { id: order.id }, attempt: 1 }]);
  }
  console.log(`a job reached the other server's worker after ${waitedMs.join(", ")} ms`);
  // A lost wake costs a second; most are heard.
  expect(waitedMs.toSorted((a, b) => a - b)[5]).toBeLessThan(900);
});

test("a worker that goes away while it waits takes no job with it", async () => {
  site = await createSite("pglite");
  const server = await started();
  const api = await apiTo(server);
  await publish(api, NOTE);
  const gone = new AbortController();
  const waiting = fetch(new URL("/v1/jobs/claim", server.url), {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await tokenFor(site, ADMIN)}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ types: ["type-it"], waitSeconds: 30 }),
    signal: gone.signal,
  });
  await sleep(500);
  gone.abort();
  await expect(waiting).rejects.toThrow("abort");
  await sleep(500);
  const { id } = await create(api, { process: "note" });
  await sleep(500);
  const { items } = granted(claimAnswer, await claim(api, 0));
  expect(items).toMatchObject([{ order: { id }, attempt: 1 }]);
});

test("a server that stops sends waiting workers away with nothing, and ends in time", async () => {
  site = await createSite("pglite");
  const server = await started();
  const api = await apiTo(server);
  const waits = Promise.all(Array.from({ length: WAITING }, () => claim(api, 60)));
  // Long enough for all of them to be taken in, on a slow machine too.
  await sleep(4_000);
  const [{ code, tookMs }, answers] = await Promise.all([server.terminate(), waits]);
  expect(answers.map((answer) => granted(claimAnswer, answer).items)).toEqual(
    Array.from({ length: WAITING }, () => []),
  );
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
});
