/** Many streams at once: entries reach all of them within moments, readers that never read cost nothing, a stop is prompt. */

import { readFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createEventParser } from "../support/event-source.ts";
import { apiOf, create, publish, send, type Api } from "./api.ts";
import { ADMIN, createSite, startServer, tokenFor, type ServerProcess } from "./server.ts";

const NOTES = `
process: notes
version: 1.0.0
events: { NOTE: { payload: { type: object, properties: { text: { type: string } } } } }
machine: { initial: open, states: { open: { on: { NOTE: {} } } } }
`;

/** More than the streams that one caller may hold. */
const CALLERS = 5;
const STREAMS = 250;
const ENTRIES = 40;
const SILENT_READERS = 40;
const LONG_NOTE = "n".repeat(200_000);
const LONG_NOTES = 100;
/** With what has not come yet: what is missed never comes. */
const PATIENCE_MS = 20_000;
/** A stop is promised within ten seconds; that nobody's stream holds it up, within less. */
const STOP_MS = 8_000;

/** A reader of a stream: when each entry arrived, by its place. */
interface Listener {
  readonly arrivals: Map<number, number>;
  readonly ended: Promise<string | null>;
}

describe("many streams", () => {
  test("of two servers get every entry within moments, and end at once when their server stops", async () => {
    const site = await createSite("postgres");
    const servers = [await startServer(site), await startServer(site)];
    const [one, other] = servers;
    if (one === undefined || other === undefined) throw new Error("expected two servers");
    const api = apiOf(() => one.url, await tokenFor(site, ADMIN));
    await publish(api, NOTES);
    const { id } = await create(api, { process: "notes" });
    await sleep(1_500);
    const before = await memoryOf(one);

    const tokens = await Promise.all(
      range(CALLERS).map((index) => tokenFor(site, { ...ADMIN, sub: `reader-${index}` })),
    );
    const single = await measured(api, id, [one, other], tokens, 1);
    const many = await measured(api, id, [one, other], tokens, STREAMS);
    const during = await memoryOf(one);
    console.log(
      `streams: ${STREAMS} on each of 2 servers, entries ${ENTRIES}; ms after the write was answered (p50/p99): ` +
        `one stream, same server ${single[0]?.text}, other server ${single[1]?.text}; ` +
        `${STREAMS} streams, same server ${many[0]?.text}, other server ${many[1]?.text}; ` +
        `memory of a server ${mega(before)} -> ${mega(during)} MB`,
    );
    for (const { missed } of [...single, ...many]) expect(missed).toBe(0);

    const ended = await Promise.all(servers.map((server) => server.terminate()));
    const reasons = await Promise.all(
      many.flatMap(({ listeners }) => listeners.map(({ ended: end }) => end)),
    );
    console.log(
      `streams: stopped with ${2 * STREAMS} open in ${ended.map(({ tookMs }) => Math.round(tookMs)).join(" and ")} ms`,
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(Math.max(...ended.map(({ tookMs }) => tookMs))).toBeLessThan(STOP_MS);
    expect(new Set(reasons)).toEqual(new Set(['{"reason":"server-stopping"}']));
    await site.remove();
  }, 120_000);

  test("whose readers read nothing cost one page each, and do not hold up a stop", async () => {
    const site = await createSite("postgres");
    const server = await startServer(site);
    const token = await tokenFor(site, ADMIN);
    const api = apiOf(() => server.url, token);
    await publish(api, NOTES);
    const { id } = await create(api, { process: "notes" });
    for (const _ of range(LONG_NOTES)) await send(api, id, "NOTE", { text: LONG_NOTE });
    await sleep(1_500);
    const before = await memoryOf(server);
    const paths = [`/v1/stream?after=0`, `/v1/work-orders/${id}/stream`];
    const silent = await Promise.all(
      range(SILENT_READERS).map((index) => opened(server, paths[index % 2] ?? "", token)),
    );
    for (const answer of silent) answer.pause();
    await sleep(3_000);
    const during = await memoryOf(server);
    // Others are served as ever.
    const startedAt = performance.now();
    await send(api, id, "NOTE", { text: "short" });
    const tookMs = performance.now() - startedAt;
    console.log(
      `streams: readers that read nothing ${SILENT_READERS}, offered ${mega(LONG_NOTES * LONG_NOTE.length)} MB each, ` +
        `memory ${mega(before)} -> ${mega(during)} MB; a write beside them took ${Math.round(tookMs)} ms`,
    );
    // Of what is sent some stays until it is collected as garbage; all that they were offered would be twice this.
    const offered = SILENT_READERS * LONG_NOTES * LONG_NOTE.length;
    expect(during - before).toBeLessThan(offered / 2);
    const { code, tookMs: stoppedMs } = await server.terminate();
    console.log(`streams: stopped beside them in ${Math.round(stoppedMs)} ms`);
    expect(code).toBe(0);
    expect(stoppedMs).toBeLessThan(STOP_MS);
    for (const answer of silent) answer.destroy();
    await site.remove();
  }, 120_000);
});

interface Measured {
  readonly listeners: readonly Listener[];
  readonly missed: number;
  readonly text: string;
}

/** Opens so many streams on each server, half of one order and half of all, and sends entries one by one. */
async function measured(
  api: Api,
  id: string,
  servers: readonly ServerProcess[],
  tokens: readonly string[],
  count: number,
): Promise<readonly Measured[]> {
  const groups: Listener[][] = [];
  for (const server of servers) {
    const group: Listener[] = [];
    for (const index of range(count)) {
      const path = index % 2 === 0 ? "/v1/stream" : `/v1/work-orders/${id}/stream?after=1`;
      group.push(await listener(server, path, tokens[index % tokens.length] ?? ""));
    }
    groups.push(group);
  }
  const answeredAt = new Map<number, number>();
  for (const _ of range(ENTRIES)) {
    const { revision } = await send(api, id, "NOTE", { text: "note" });
    answeredAt.set(revision, performance.now());
    await sleep(20);
  }
  const isMissing = () =>
    groups
      .flat()
      .some(({ arrivals }) => [...answeredAt.keys()].some((each) => !arrivals.has(each)));
  const patienceEndsAt = performance.now() + PATIENCE_MS;
  while (isMissing() && performance.now() < patienceEndsAt) await sleep(50);
  return groups.map((listeners) => {
    const tookMs = listeners.flatMap(({ arrivals }) =>
      [...answeredAt].flatMap(([revision, sentAt]) => {
        const arrivedAt = arrivals.get(revision);
        return arrivedAt === undefined ? [] : [arrivedAt - sentAt];
      }),
    );
    const missed = listeners.length * answeredAt.size - tookMs.length;
    return { listeners, missed, text: `${quantile(tookMs, 0.5)}/${quantile(tookMs, 0.99)}` };
  });
}

async function listener(server: ServerProcess, path: string, token: string): Promise<Listener> {
  const answer = await opened(server, path, token);
  const parser = createEventParser();
  const arrivals = new Map<number, number>();
  let reason: string | null = null;
  answer.on("data", (bytes: Buffer) => {
    for (const { type, data } of parser.push(bytes)) {
      if (type === "closed") reason = data;
      else arrivals.set(JSON.parse(data).revision, performance.now());
    }
  });
  const ended = new Promise<string | null>((resolve) => {
    answer.on("close", () => resolve(reason));
    answer.on("error", () => resolve(reason));
  });
  return { arrivals, ended };
}

function opened({ url }: ServerProcess, path: string, token: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    const request = get(new URL(path, url), { headers, agent: false }, (answer) => {
      if (answer.statusCode === 200) resolve(answer);
      else reject(new Error(`expected 200, found ${answer.statusCode}`));
    });
    request.on("error", reject);
  });
}

/** Bytes that the process holds in memory. */
async function memoryOf({ pid }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
}

function mega(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
