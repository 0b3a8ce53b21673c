/** Timers outlive their servers: each of 1,000 fires once, none early and none that was cancelled. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { apiOf, create, isAny, publish, send, type Api } from "./api.ts";
import { byClients } from "./lanes.ts";
import { proven, type Proven } from "./proven.ts";
import {
  ADMIN,
  createSite,
  startServer,
  tokenFor,
  type ServerProcess,
  type Site,
} from "./server.ts";

const EGG_TIMER = `
process: egg-timer
version: 1.0.0
data:
  type: object
  required: [ringsAt]
  properties: { ringsAt: { type: string, format: date-time }, rings: { type: integer, default: 0 } }
events: { STOP: {} }
effects: { ring: {} }
machine:
  initial: ticking
  states:
    ticking:
      meta: { step: ticking }
      on: { STOP: stopped }
      after:
        '= ringsAt':
          target: rung
          actions: [{ type: ring }, { type: assign, params: { rings: '= rings + 1' } }]
    rung: { meta: { step: rung } }
    stopped: { meta: { step: stopped } }
`;

const egg = z.object({ ringsAt: z.string(), rings: z.int() });

const DUE = 1_000;
/** Of each: timers that are due much later, and timers that are cancelled before they are due. */
const OTHERS = 50;
const CLIENTS = 16;
const HOUR_MS = 3_600_000;
const POLL_MS = 100;

let site: Site;
const servers: ServerProcess[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await site.remove();
});

describe.each(["pglite", "postgres"] as const)("timers of a killed server (%s)", (kind) => {
  beforeEach(async () => {
    site = await createSite(kind);
  });

  test("fire once after it is started again", async () => {
    const first = await started();
    const api = await apiTo(first);
    await publish(api, EGG_TIMER);
    const set = await setAll([api], 0);

    expect(await isAny(api, { process: "egg-timer", step: "rung" })).toBe(false);
    await first.kill();
    const second = await started();
    await allRung(await apiTo(second));

    await expectOnce(await apiTo(second), set, `${kind}, killed before`);
  }, 240_000);
});

describe("timers on two servers of one Postgres", () => {
  beforeEach(async () => {
    site = await createSite("postgres");
  });

  test("fire once while one server is killed amidst them and started again", async () => {
    const [one, other] = [await started(), await started()];
    const [api, otherApi] = [await apiTo(one), await apiTo(other)];
    await publish(api, EGG_TIMER);
    const set = await setAll([api, otherApi], 8_000);

    while (!(await isAny(otherApi, { process: "egg-timer", step: "rung" }))) await sleep(POLL_MS);
    await one.kill();
    expect(await isAny(otherApi, { businessKey: "due", step: "ticking" })).toBe(true);
    await started();
    await allRung(otherApi);

    await expectOnce(otherApi, set, "two servers, one killed amidst");
  }, 240_000);
});

interface Set {
  readonly due: readonly string[];
  readonly later: readonly string[];
  readonly cancelled: readonly string[];
}

/**
 * Sets all timers through these servers. How long that takes is measured on the way, so that the first one is due only
 * when the last one is set, on a slow machine too.
 *
 * @param spreadMs between the first and the last that is due
 */
async function setAll(apis: readonly [Api, ...Api[]], spreadMs: number): Promise<Set> {
  const toServer = (index: number): Api => apis[index % apis.length] ?? apis[0];
  const make = async (index: number, businessKey: string, ringsAtMs: number): Promise<string> => {
    const ringsAt = new Date(ringsAtMs).toISOString();
    const body = { process: "egg-timer", businessKey, data: { ringsAt } };
    return (await create(toServer(index), body)).id;
  };
  const startedAt = performance.now();
  const later = await byClients(CLIENTS, range(OTHERS), (index) =>
    make(index, "later", Date.now() + HOUR_MS),
  );
  const eachMs = (performance.now() - startedAt) / OTHERS;
  const firstDueMs = Date.now() + 8_000 + 2 * eachMs * (DUE + 2 * OTHERS);
  const dueMs = (index: number, count: number) => firstDueMs + (spreadMs * index) / count;
  const cancelled = await byClients(CLIENTS, range(OTHERS), async (index) => {
    const id = await make(index, "cancelled", dueMs(index, OTHERS));
    await send(toServer(index + 1), id, "STOP");
    return id;
  });
  const due = await byClients(CLIENTS, range(DUE), (index) =>
    make(index, "due", dueMs(index, DUE)),
  );
  return { due, later, cancelled };
}

async function allRung(api: Api): Promise<void> {
  while (await isAny(api, { businessKey: "due", step: "ticking" })) await sleep(POLL_MS);
}

async function expectOnce(api: Api, { due, later, cancelled }: Set, title: string): Promise<void> {
  const prove = (id: string): Promise<Proven> => proven(api, id);
  const rung = await byClients(CLIENTS, due, prove);
  const others = await byClients(CLIENTS, [...later, ...cancelled], prove);
  const counts = {
    fired: rung.filter((each) => firings(each).length > 0).length,
    doubled: rung.filter(
      (each) => firings(each).length > 1 || egg.parse(each.order.data).rings !== 1,
    ).length,
    early: rung.filter((each) => latenessMs(each) < 0).length,
    firedLater: others.filter((each) => firings(each).length > 0).length,
    flawed: [...rung, ...others].filter(({ flaws }) => flaws.length > 0).length,
  };
  const said = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  console.log(
    `timers (${title}): ${said.join(", ")}; ${Math.max(...rung.map(latenessMs))} ms late at most`,
  );
  expect(counts).toEqual({ fired: DUE, doubled: 0, early: 0, firedLater: 0, flawed: 0 });
  const pending = others
    .filter(({ order }) => order.timers.length > 0)
    .map(({ order }) => order.id);
  expect(pending).toEqual(later);
}

function firings({ entries }: Proven) {
  return entries.filter(({ type }) => type === "timer.fired");
}

/** Of the earliest firing, by the history's clock; negative: it was early. */
function latenessMs(each: Proven): number {
  const due = Date.parse(egg.parse(each.order.data).ringsAt);
  return Math.min(...firings(each).map(({ at }) => Date.parse(at))) - due;
}

async function started(): Promise<ServerProcess> {
  const server = await startServer(site);
  servers.push(server);
  return server;
}

async function apiTo(server: ServerProcess): Promise<Api> {
  return apiOf(() => server.url, await tokenFor(site, ADMIN));
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
