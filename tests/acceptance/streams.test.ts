/** Whoever follows entries and is cut, again and again, has every entry once and in order, over servers that come and go. */

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { cuttingProxy, seeded } from "../support/cutting-proxy.ts";
import type { Kind } from "../support/databases.ts";
import { readEvents } from "../support/event-reader.ts";
import type { ServerSentEvent } from "../support/event-source.ts";
import { apiOf, create, history, publish, send, type Api, type HistoryEntry } from "./api.ts";
import { byClients } from "./lanes.ts";
import { ADMIN, createSite, startServer, tokenFor, type ServerProcess } from "./server.ts";

const TALLY = `
process: tally
version: 1.0.0
data: { type: object, properties: { marks: { type: number, default: 0 } } }
events: { MARK: { payload: { type: object, properties: { note: { type: string } } } } }
machine:
  initial: open
  states:
    open: { on: { MARK: { actions: [ { type: assign, params: { marks: '= marks + 1' } } ] } } }
`;

const ORDERS = 4;
/** Of each reader: one of all entries, and one of each of two orders. */
const CUTS = 100;
const KILL_AT = 50;
/** A little more than the answer's head, a few entries, or none of both. */
const MAX_BYTES = 3_000;
const SEED = 20_261_122;

interface Reader {
  readonly name: string;
  readonly events: readonly ServerSentEvent[];
  readonly cuts: () => number;
  /** Lets it read on uncut, and waits until it has so many entries. */
  readonly finish: (entries: number) => Promise<void>;
  /** Ends it. @returns its connections, and those of them that ended within an event */
  readonly stop: () => Promise<{ readonly connections: number; readonly torn: number }>;
}

describe("a reader that is cut a hundred times", () => {
  test.each([
    ["postgres", 2],
    ["pglite", 1],
  ] as const)(
    "misses nothing and reads nothing twice (%s, servers: %i)",
    cutAHundredTimes,
    300_000,
  );
});

async function cutAHundredTimes(kind: Kind, count: number): Promise<void> {
  const site = await createSite(kind);
  const servers: ServerProcess[] = [];
  while (servers.length < count) servers.push(await startServer(site));
  const token = await tokenFor(site, ADMIN);
  const random = seeded(SEED);
  const urls = servers.map(({ url }) => url);
  const api = apiOf(() => urls[Math.floor(random() * count)] ?? "", token);
  await publish(api, TALLY);
  const orders = await Promise.all(Array.from({ length: ORDERS }, () => create(api, BODY)));
  const ids = orders.map(({ id }) => id);
  const [one = "", other = ""] = ids;
  const paths = {
    all: "/v1/stream?after=0",
    one: `/v1/work-orders/${one}/stream`,
    other: `/v1/work-orders/${other}/stream`,
  };
  const readers = await Promise.all(
    Object.entries(paths).map(([name, path]) => startReader({ name, path, token, random, urls })),
  );
  const areCut = (times: number) => readers.every(({ cuts }) => cuts() >= times);

  const killing = (async () => {
    while (!areCut(KILL_AT)) await sleep(5);
    await servers.at(-1)?.kill();
    const again = await startServer(site);
    servers.splice(-1, 1, again);
    urls.splice(-1, 1, again.url);
  })();
  await byClients(ORDERS, ids, async (id) => {
    while (!areCut(CUTS)) await marked(api, id);
  });
  await killing;

  const histories = new Map<string, readonly HistoryEntry[]>();
  for (const id of ids) histories.set(id, await history(api, id));
  const wanted = new Map([
    ["all", [...histories.values()].flat().length],
    ["one", histories.get(one)?.length ?? 0],
    ["other", histories.get(other)?.length ?? 0],
  ]);
  await Promise.all(readers.map((reader) => reader.finish(wanted.get(reader.name) ?? 0)));
  // Nothing comes twice after the end, either.
  await sleep(300);
  for (const reader of readers) {
    const { connections, torn } = await reader.stop();
    const { read, ...flaws } = judged(reader.events, histories, reader.name);
    const { gaps, doubles } = flaws;
    console.log(
      `streams (${kind}, ${reader.name}): entries ${read}, cuts ${reader.cuts()}, connections ${connections}, ` +
        `torn within an event ${torn}, kills 1, gaps ${gaps}, doubles ${doubles}`,
    );
    expect(flaws).toEqual({ gaps: 0, doubles: 0, foreign: 0 });
    expect(read).toBe(wanted.get(reader.name));
    expect(torn).toBeGreaterThan(10);
  }
  const ends = await Promise.all(servers.map((server) => server.terminate()));
  expect(ends.map(({ code }) => code)).toEqual(servers.map(() => 0));
  await site.remove();
}

const BODY = { process: "tally" };

interface Following {
  readonly name: string;
  readonly path: string;
  readonly token: string;
  readonly random: () => number;
  readonly urls: readonly string[];
}

/** At each connection another server answers, and the line breaks after another byte. */
async function startReader({ name, path, token, random, urls }: Following): Promise<Reader> {
  let isCutting = true;
  let connections = 0;
  const proxy = await cuttingProxy({
    target: () => {
      connections += 1;
      return Number(new URL(urls[connections % urls.length] ?? "").port);
    },
    cutAfter: () => (isCutting ? Math.ceil(random() * MAX_BYTES) : null),
  });
  const stopping = new AbortController();
  const events: ServerSentEvent[] = [];
  const reading = readEvents({
    url: () => `http://127.0.0.1:${proxy.port}${path}`,
    token,
    heard: (event) => events.push(event),
    signal: stopping.signal,
  });
  return {
    name,
    events,
    cuts: proxy.cuts,
    finish: async (entries) => {
      isCutting = false;
      proxy.cutAll();
      const end = Date.now() + 30_000;
      while (events.filter(({ type }) => type === "entry").length < entries) {
        if (Date.now() > end) return;
        await sleep(10);
      }
    },
    stop: async () => {
      stopping.abort();
      const counts = await reading;
      await proxy.close();
      return counts;
    },
  };
}

/** A server that was killed leaves the outcome open: what happened, the history says. */
async function marked(api: Api, id: string): Promise<void> {
  try {
    await send(api, id, "MARK", { note: "n".repeat(100) });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    await sleep(20);
  }
}

const entrySchema = z.object({ order: z.string().optional(), revision: z.int(), hash: z.string() });

function judged(
  events: readonly ServerSentEvent[],
  histories: ReadonlyMap<string, readonly HistoryEntry[]>,
  name: string,
) {
  const entries = events
    .filter(({ type }) => type === "entry")
    .map(({ data, lastEventId }) => ({ ...entrySchema.parse(JSON.parse(data)), lastEventId }));
  const own = [...histories].find(([, [first]]) => first?.hash === entries[0]?.hash)?.[0];
  const lastOf = new Map<string, number>();
  let [gaps, doubles, foreign, place] = [0, 0, 0, 0];
  for (const { order = own ?? "", revision, hash, lastEventId } of entries) {
    const expected = (lastOf.get(order) ?? 0) + 1;
    if (revision > expected) gaps += 1;
    if (revision < expected || Number(lastEventId) <= place) doubles += 1;
    if (name !== "all" && Number(lastEventId) !== revision) foreign += 1;
    if (histories.get(order)?.[revision - 1]?.hash !== hash) foreign += 1;
    lastOf.set(order, revision);
    place = Number(lastEventId);
  }
  return { gaps, doubles, foreign, read: entries.length };
}
