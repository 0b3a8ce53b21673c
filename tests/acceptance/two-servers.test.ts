/** Two servers on one Postgres at full load, one or the other killed every five seconds: nothing is lost, nothing doubled. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder, withTheFile } from "../support/with-the-file.ts";
import { apiOf, create, publish, type Api, type HistoryEntry } from "./api.ts";
import { byClients } from "./lanes.ts";
import type { MarkingOrders } from "./marking-client.ts";
import { outboxFlaws } from "./outbox.ts";
import { proven } from "./proven.ts";
import { ADMIN, createSite, NODE, startServer, tokenFor } from "./server.ts";
import type { ServerProcess, Site } from "./server.ts";

/** Every mark writes an entry, a person's value and a message, and sets or cancels a timer. */
const TURNSTILE = `
process: turnstile
version: 1.0.0
data:
  type: object
  properties:
    count: { type: integer, default: 0 }
    by: { type: string, x-personal: true }
events:
  MARK:
    payload:
      type: object
      required: [mark, by]
      properties: { mark: { type: string }, by: { type: string, x-personal: true } }
effects: { marked: { payload: { type: object, required: [mark], properties: { mark: { type: string } } } } }
machine:
  type: parallel
  states:
    book:
      on:
        MARK:
          actions:
            - { type: assign, params: { count: '= count + 1', by: '= event.by' } }
            - { type: marked, params: { mark: '= event.mark' } }
    turn:
      initial: even
      states:
        even: { on: { MARK: odd } }
        odd: { on: { MARK: even }, after: { PT1H: even } }
`;

/** `TWO_SERVERS_SECONDS=180` for the whole promise. */
const SECONDS = Number(process.env["TWO_SERVERS_SECONDS"] ?? 20);
const KILL_EVERY_MS = 5_000;
const ORDERS = 300;
const CLIENT_PROCESSES = 3;
const CLIENTS_EACH = 16;
const PROVERS = 8;
const SERVERS = [0, 1] as const;

let site: Site;
let ports: readonly number[] = [];
/** Those that run, or will. */
let servers: readonly Promise<ServerProcess>[] = [];

beforeAll(async () => {
  site = await createSite("postgres");
  ports = await Promise.all(SERVERS.map(lastingPort));
  // One after the other: the first one makes the key that both sign with.
  servers = [Promise.resolve(await started(0)), Promise.resolve(await started(1))];
}, 120_000);

afterAll(async () => {
  await Promise.all((await Promise.all(servers)).map((server) => server.kill()));
  await site.remove();
});

test(
  "what was acknowledged happened, once, whichever server is killed",
  async () => {
    const token = await tokenFor(site, ADMIN);
    const api = apiOf(() => `http://127.0.0.1:${ports[0]}`, token);
    await publish(api, TURNSTILE);
    const ids = await byClients(CLIENTS_EACH, range(ORDERS), async () => {
      return (await create(api, { process: "turnstile" })).id;
    });

    const folder = await temporaryFolder("acknowledged");
    const clients = range(CLIENT_PROCESSES).map((number) => {
      const own = ids.filter((_, place) => place % CLIENT_PROCESSES === number);
      const acknowledgements = join(folder, `${number}`);
      const orders = { ports, token, name: `c${number}`, clients: CLIENTS_EACH, ids: own };
      return startClient({ ...orders, acknowledgements });
    });
    const startedAt = performance.now();
    const kills = await killedFor(SECONDS * 1_000);
    const seconds = (performance.now() - startedAt) / 1_000;
    const ends = await Promise.all(clients.map((client) => client.end()));

    const acknowledged = (await Promise.all(clients.map((client) => client.acknowledged()))).flat();
    const { histories, ...counts } = await judged(api, ids, acknowledged);
    const perSecond = Math.round(acknowledged.length / seconds);
    const total = (name: "unanswered" | "postponed") =>
      ends.reduce((sum, each) => sum + each[name], 0);
    console.log(
      `two servers, ${CLIENT_PROCESSES} x ${CLIENTS_EACH} clients, ${Math.round(seconds)} s: ` +
        `${kills} kill -9, ${acknowledged.length} acknowledged (${perSecond}/s), ` +
        `${total("unanswered")} without an answer and ${total("postponed")} postponed, each sent again; ` +
        Object.entries(counts)
          .map(([name, count]) => `${name} ${count}`)
          .join(", "),
    );
    expect(ends.map(({ refused }) => refused)).toEqual(ends.map(() => ({})));
    expect(counts).toMatchObject({ stored: acknowledged.length, verified: ORDERS });
    expect(counts).toMatchObject({ lost: 0, doubled: 0, neverSent: 0, flawed: 0 });

    const all = await Promise.all(servers);
    for (const { code } of await Promise.all(all.map((server) => server.terminate()))) {
      expect(code).toBe(0);
    }
    expect(await outboxFlaws(site, histories)).toEqual([]);
  },
  (SECONDS * 10 + 240) * 1_000,
);

/** One mark as its client was told of it. */
interface Acknowledged {
  readonly id: string;
  readonly mark: string;
  readonly revision: number;
}

async function judged(api: Api, ids: readonly string[], acknowledged: readonly Acknowledged[]) {
  const told = Map.groupBy(acknowledged, ({ id }) => id);
  const counts = { stored: 0, verified: 0, lost: 0, doubled: 0, neverSent: 0, flawed: 0 };
  const histories = new Map<string, readonly HistoryEntry[]>();
  await byClients(PROVERS, ids, async (id, place) => {
    const { order, entries, flaws } = await proven(api, id);
    const marks = entries.flatMap(({ type, payload, revision }) =>
      type === "MARK" ? [{ mark: marked.parse(payload).mark, revision }] : [],
    );
    const made = new Map(marks.map(({ mark, revision }) => [mark, revision]));
    const own = told.get(id) ?? [];
    const known = new Set(own.map(({ mark }) => mark));
    counts.stored += marks.length;
    counts.verified += flaws.length === 0 ? 1 : 0;
    counts.lost += own.filter(({ mark, revision }) => made.get(mark) !== revision).length;
    counts.doubled += marks.length - made.size;
    // Every client asks until it is answered, so that nothing may have happened that nobody was told of.
    counts.neverSent += [...made.keys()].filter((mark) => !known.has(mark)).length;
    const { count, by } = tally.parse(order.data);
    const isTrue = count === marks.length && by === nameOf(marks.at(-1)?.mark);
    counts.flawed += flaws.length === 0 && isTrue ? 0 : 1;
    // Those whose outbox is looked through as well.
    if (place % 10 === 0) histories.set(id, entries);
  });
  return { ...counts, histories };
}

const marked = z.object({ mark: z.string() });
const tally = z.object({ count: z.int(), by: z.string().optional() });

function nameOf(mark: string | undefined): string | undefined {
  return mark === undefined ? undefined : `who made ${mark}`;
}

/** Kills one and the other in turn, at least once each; both are started again at once. @returns how often */
async function killedFor(durationMs: number): Promise<number> {
  const startedAt = performance.now();
  for (let kills = 0; ; kills += 1) {
    const dueMs = startedAt + (kills + 1) * KILL_EVERY_MS - performance.now();
    const leftMs = startedAt + durationMs - performance.now();
    if (leftMs <= Math.max(0, dueMs) && kills >= SERVERS.length) {
      await sleep(Math.max(0, leftMs));
      return kills;
    }
    await sleep(Math.max(0, dueMs));
    const which = kills % SERVERS.length;
    await (await servers[which])?.kill();
    servers = servers.with(which, started(which));
    await servers[which];
  }
}

function started(which: number): Promise<ServerProcess> {
  const environment = { PORT: `${ports[which]}`, SEVENSTEP_RATE_LIMIT: "0" };
  return startServer(site, { environment });
}

/** Below those that the system gives to outgoing connections: one of them would take the place of a server that is away. */
async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

const markingCounts = z.object({
  ...{ acknowledged: z.int(), unanswered: z.int(), postponed: z.int() },
  refused: z.record(z.string(), z.int()),
});

function startClient(orders: MarkingOrders) {
  const script = new URL("marking-client.ts", import.meta.url).pathname;
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  const child = withTheFile(spawn(NODE, [script, JSON.stringify(orders)], { stdio }));
  const said = text(child.stdout);
  return {
    end: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "close");
      return markingCounts.parse(JSON.parse(await said));
    },
    acknowledged: async (): Promise<readonly Acknowledged[]> => {
      const lines = (await readFile(orders.acknowledgements, "utf8")).split("\n").slice(0, -1);
      return lines.map((line) => {
        const [id = "", mark = "", revision = ""] = line.split(" ");
        return { id, mark, revision: Number(revision) };
      });
    },
  };
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
