/** A thousand requests, each sent three times at once to two servers, with answers cut and servers killed: a thousand effects. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { pageOf } from "../../src/http/schemas/common.ts";
import { workOrder } from "../../src/http/schemas/work-order.ts";
import { apiOf, create, granted, publish, type Api } from "./api.ts";
import { cuttingProxy, type CuttingProxy } from "./cutting-proxy.ts";
import { byClients } from "./lanes.ts";
import { proven } from "./proven.ts";
import { ADMIN, createSite, startServer, tokenFor } from "./server.ts";
import type { ServerProcess, Site } from "./server.ts";

const MARKED = `
process: marked
version: 1.0.0
data:
  type: object
  properties:
    marks: { type: array, default: [], items: { type: string } }
    by: { type: string, x-personal: true }
events:
  MARK:
    payload:
      type: object
      required: [mark, by]
      properties: { mark: { type: string }, by: { type: string, x-personal: true } }
machine:
  initial: even
  states:
    even: { on: { MARK: { target: odd, actions: { type: assign, params: { marks: '= marks + [event.mark]', by: '= event.by' } } } } }
    odd: { after: { PT1H: even }, on: { MARK: { target: even, actions: { type: assign, params: { marks: '= marks + [event.mark]', by: '= event.by' } } } } }
`;

const CREATES = 300;
const EVENTS = 500;
const BATCHES = 20;
const LINES = 10;
const EFFECTS = CREATES + EVENTS + BATCHES * LINES;
const COPIES = 3;
const ORDERS = 40;
const CLIENTS = 16;
const KILLS = 2;
const ODDS = { request: 0.05, answer: 0.2 };

/** One request as its client knows it: whatever happens on the way, it is sent with this key until it is answered. */
interface Wish {
  readonly key: string;
  readonly path: string;
  readonly body: object;
}

interface Given {
  readonly status: number;
  readonly text: string;
  readonly replayed: boolean;
}

describe("requests that are sent again and again", () => {
  let site: Site;
  /** Those that run, or will. */
  let servers: [Promise<ServerProcess>, Promise<ServerProcess>];
  let urls: [URL, URL];
  let proxies: readonly CuttingProxy[] = [];
  let token: string;
  let direct: Api;
  const seen = { sent: 0, unanswered: 0, inProgress: 0, replayed: 0, kills: 0 };

  beforeAll(async () => {
    site = await createSite("postgres");
    const first = await startServer(site);
    const second = await startServer(site);
    servers = [Promise.resolve(first), Promise.resolve(second)];
    urls = [new URL(first.url), new URL(second.url)];
    token = await tokenFor(site, ADMIN);
    direct = apiOf(() => urls[0].href, token);
    await publish(direct, MARKED);
    const random = seeded(20_261_122);
    proxies = await Promise.all(
      ([0, 1] as const).map((each) => cuttingProxy(() => urls[each], ODDS, random)),
    );
  }, 120_000);

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all((await Promise.all(servers)).map((server) => server.kill()));
    await site.remove();
  });

  const restart = async (which: 0 | 1): Promise<void> => {
    const old = servers[which];
    servers[which] = old.then((running) => running.kill()).then(() => startServer(site));
    urls[which] = new URL((await servers[which]).url);
    seen.kills += 1;
  };

  /** @returns null when no answer came, or none that is final */
  const tried = async ({ key, path, body }: Wish, proxy: string): Promise<Given | null> => {
    seen.sent += 1;
    try {
      const response = await fetch(new URL(path, proxy), {
        method: "POST",
        headers: {
          ...{ Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
          "Idempotency-Key": key,
        },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      const { status } = response;
      const isUnderWay = text.includes('"idempotency-in-progress"');
      if (isUnderWay) seen.inProgress += 1;
      if (isUnderWay || status >= 500) return null;
      const replayed = response.headers.get("idempotency-replayed") === "true";
      if (replayed) seen.replayed += 1;
      return { status, text, replayed };
    } catch (error) {
      // The platform's `fetch` throws a TypeError for every failure of the network.
      if (!(error instanceof TypeError)) throw error;
      seen.unanswered += 1;
      return null;
    }
  };

  const untilAnswered = async (wish: Wish, copy: number): Promise<Given> => {
    for (let attempt = copy; ; attempt += 1) {
      const given = await tried(wish, proxies[attempt % 2]?.url ?? "");
      if (given !== null) return given;
      await sleep(5 + (attempt % 7) * 5);
    }
  };

  test("take effect once each, and every copy is answered the same", async () => {
    const ids = await byClients(CLIENTS, range(ORDERS), async () => {
      return (await create(direct, { process: "marked", data: { by: "nobody" } })).id;
    });
    const wishes = shuffled(wishesFor(ids), seeded(7));
    const startedAt = performance.now();
    let done = 0;
    const answers = await byClients(CLIENTS, wishes, async (wish) => {
      const copies = await Promise.all(range(COPIES).map((copy) => untilAnswered(wish, copy)));
      done += 1;
      if (done % Math.floor(wishes.length / (KILLS + 1)) === 0 && seen.kills < KILLS) {
        await restart(seen.kills % 2 === 0 ? 1 : 0);
      }
      return copies;
    });
    const seconds = (performance.now() - startedAt) / 1_000;

    const effects = await effectsIn(direct, ids);
    const cut = { requests: 0, answers: 0 };
    for (const { cuts } of proxies) {
      cut.requests += cuts.requests;
      cut.answers += cuts.answers;
    }
    console.log(
      `once: ${EFFECTS} requests x ${COPIES} copies in ${seconds.toFixed(1)} s: ` +
        `${seen.sent} sent, ${seen.unanswered} without an answer (${cut.requests} requests and ` +
        `${cut.answers} answers cut, ${seen.kills} kill -9), ${seen.inProgress} in progress, ` +
        `${seen.replayed} replayed; effects ${effects.created + effects.marked}, doubled ${effects.doubled}`,
    );
    const refused = answers.flat().filter(({ status }) => status !== 200 && status !== 201);
    expect(refused).toEqual([]);
    expect(effects).toEqual({
      created: CREATES,
      marked: EVENTS + BATCHES * LINES,
      doubled: 0,
      flaws: [],
    });
    const unlike = answers.filter((copies) => new Set(copies.map(asFirst)).size > 1);
    expect(unlike).toEqual([]);
    expect(cut.answers).toBeGreaterThan(100);
  }, 180_000);
});

function wishesFor(ids: readonly string[]): readonly Wish[] {
  const event = (mark: string, index: number) => ({
    type: "MARK",
    payload: { mark, by: `who made ${mark}` },
    id: ids[index % ids.length] ?? "",
  });
  return [
    ...range(CREATES).map((each) => ({
      ...{ key: `create-${each}`, path: "/v1/work-orders" },
      body: { process: "marked", businessKey: `c-${each}`, data: { by: `who made ${each}` } },
    })),
    ...range(EVENTS).map((each) => {
      const { id, ...body } = event(`e-${each}`, each);
      return { key: `event-${each}`, path: `/v1/work-orders/${id}/events`, body };
    }),
    ...range(BATCHES).map((each) => ({
      ...{ key: `batch-${each}`, path: "/v1/events:batch" },
      body: { events: range(LINES).map((line) => event(`b-${each}-${line}`, each * 3 + line)) },
    })),
  ];
}

const marks = z.object({ marks: z.array(z.string()) });
const marked = z.object({ mark: z.string() });

/** Counted from the histories, and held against the orders' own data. */
async function effectsIn(api: Api, ids: readonly string[]) {
  const orders: z.infer<typeof workOrder>[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = new URLSearchParams({
      process: "marked",
      limit: "500",
      ...(cursor && { cursor }),
    });
    const page = granted(pageOf(workOrder), await api(`/v1/work-orders?${query}`));
    orders.push(...page.items);
    cursor = page.nextCursor;
  }
  const keys = orders.flatMap(({ businessKey }) => (businessKey === null ? [] : [businessKey]));
  const proofs = await byClients(CLIENTS, ids, (id) => proven(api, id));
  const made = proofs.flatMap(({ entries }) =>
    entries.flatMap(({ type, payload }) => (type === "MARK" ? [marked.parse(payload).mark] : [])),
  );
  const kept = proofs.flatMap(({ order }) => marks.parse(order.data).marks);
  const flaws = proofs.flatMap((proof) => proof.flaws);
  if (kept.join() !== made.join()) flaws.push("the orders' data differ from their histories");
  const created = new Set(keys);
  const distinct = new Set(made);
  const doubled = keys.length - created.size + made.length - distinct.size;
  return { created: created.size, marked: distinct.size, doubled, flaws };
}

/** The answer as the first request got it. */
function asFirst({ status, text }: Given): string {
  return `${status} ${text.replaceAll('"replayed":true', '"replayed":false')}`;
}

/** mulberry32: 32 bits of state are enough to cut connections by. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
