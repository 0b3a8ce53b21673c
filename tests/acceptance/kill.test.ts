/** What was acknowledged is there after kill -9, whenever it comes: histories without gap or fork, all of one piece. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { apiOf, create, publish, send, type Api } from "./api.ts";
import { byClients } from "./lanes.ts";
import { outboxFlaws } from "./outbox.ts";
import { proven, type Proven } from "./proven.ts";
import { ADMIN, createSite, startServer, tokenFor } from "./server.ts";
import type { ServerProcess, Site } from "./server.ts";

/** Every mark writes an entry, a person's value and a message, and sets or cancels a timer. */
const TALLY = `
process: tally
version: 1.0.0
data:
  type: object
  properties:
    marks: { type: array, default: [], items: { type: string } }
    names: { type: array, default: [], items: { type: string, x-personal: true } }
events:
  MARK:
    payload:
      type: object
      required: [mark, name]
      properties: { mark: { type: string }, name: { type: string, x-personal: true } }
effects: { marked: { payload: { type: object, required: [mark], properties: { mark: { type: string } } } } }
machine:
  type: parallel
  states:
    book:
      on:
        MARK:
          actions:
            - { type: assign, params: { marks: '= marks + [event.mark]', names: '= names + [event.name]' } }
            - { type: marked, params: { mark: '= event.mark' } }
    turn:
      initial: even
      states:
        even: { on: { MARK: odd } }
        odd: { on: { MARK: even }, after: { PT1H: even } }
`;

const ORDERS = 24;
const CLIENTS = 16;
const KILLS = 6;
const BETWEEN_KILLS = 100;
/** Right after an answer a server is seldom amid a write: each kill comes this much later after one than the last kill. */
const LATER_EACH_MS = 4;

/** One event as its client knows it. */
interface Sent {
  readonly id: string;
  readonly mark: string;
  /** Null: no answer came. */
  readonly revision: number | null;
}

describe.each(["pglite", "postgres"] as const)("a server that is killed (%s)", (kind) => {
  let site: Site;
  /** The one that runs, or the one that will. */
  let server: Promise<ServerProcess>;
  let token: string;

  const apiNow = async (): Promise<Api> => {
    const { url } = await server;
    return apiOf(() => url, token);
  };
  const restart = async (): Promise<void> => {
    const old = server;
    server = old.then((running) => running.kill()).then(() => startServer(site));
    await server;
  };

  beforeAll(async () => {
    site = await createSite(kind);
    server = startServer(site);
    await server;
    token = await tokenFor(site, ADMIN);
    await publish(await apiNow(), TALLY);
  }, 120_000);

  afterAll(async () => {
    await (await server).kill();
    await site.remove();
  });

  test("has lost no acknowledged event, and none happened twice", async () => {
    const first = await apiNow();
    const ids = await byClients(CLIENTS, range(ORDERS), async () => {
      return (await create(first, { process: "tally" })).id;
    });
    const sent: Sent[] = [];
    let acknowledged = 0;
    let kills = 0;
    const client = async (number: number): Promise<void> => {
      for (let turn = 0; kills < KILLS; turn += 1) {
        const id = ids[(number * 7 + turn) % ORDERS] ?? "";
        const mark = `${number}-${turn}`;
        const revision = await tried(await apiNow(), id, mark);
        sent.push({ id, mark, revision });
        if (revision === null) continue;
        acknowledged += 1;
        if (acknowledged % BETWEEN_KILLS !== 0) continue;
        kills += 1;
        await sleep(kills * LATER_EACH_MS);
        await restart();
      }
    };
    await Promise.all(range(CLIENTS).map(client));

    const api = await apiNow();
    const proofs = await byClients(CLIENTS, ids, (id) => proven(api, id));
    const counts = judged(proofs, sent);
    console.log(`kill -9 (${kind}): ${text({ kills, orders: ORDERS, acknowledged, ...counts })}`);
    expect(counts).toMatchObject({ lost: 0, doubled: 0, neverSent: 0, flawed: 0 });

    expect((await (await server).terminate()).code).toBe(0);
    const histories = new Map(proofs.map(({ order, entries }) => [order.id, entries]));
    expect(await outboxFlaws(site, histories)).toEqual([]);
  }, 240_000);
});

/** @returns the revision that was acknowledged; null when the server ended before it answered */
async function tried(api: Api, id: string, mark: string): Promise<number | null> {
  try {
    return (await send(api, id, "MARK", { mark, name: nameOf(mark) })).revision;
  } catch (error) {
    // The platform's `fetch` throws a TypeError for every failure of the network.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const payloads = z.object({ mark: z.string(), name: z.string() });
const tally = z.object({ marks: z.array(z.string()), names: z.array(z.string()) });

function nameOf(mark: string): string {
  return `who made ${mark}`;
}

function judged(proofs: readonly Proven[], sent: readonly Sent[]) {
  const found = new Map<string, number[]>();
  for (const { order, entries } of proofs) {
    for (const { type, payload, revision } of entries) {
      if (type !== "MARK") continue;
      const key = `${order.id} ${payloads.parse(payload).mark}`;
      found.set(key, [...(found.get(key) ?? []), revision]);
    }
  }
  const revisionsOf = ({ id, mark }: Sent) => found.get(`${id} ${mark}`) ?? [];
  const known = new Set(sent.map(({ id, mark }) => `${id} ${mark}`));
  const unanswered = sent.filter(({ revision }) => revision === null);
  const answered = sent.filter(({ revision }) => revision !== null);
  const untrue = proofs.filter(({ order, entries }) => {
    const own = entries.filter(({ type }) => type === "MARK");
    const made = own.map(({ payload }) => payloads.parse(payload));
    const { marks, names } = tally.parse(order.data);
    return (
      marks.join() !== made.map(({ mark }) => mark).join() ||
      names.join() !== marks.map(nameOf).join() ||
      made.some(({ mark, name }) => name !== nameOf(mark))
    );
  });
  return {
    unanswered: unanswered.length,
    happenedAllTheSame: unanswered.filter((each) => revisionsOf(each).length > 0).length,
    lost: answered.filter((each) => revisionsOf(each)[0] !== each.revision).length,
    doubled: [...found.values()].filter((revisions) => revisions.length > 1).length,
    neverSent: [...found.keys()].filter((key) => !known.has(key)).length,
    flawed: proofs.filter(({ flaws }) => flaws.length > 0).length + untrue.length,
  };
}

function text(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
