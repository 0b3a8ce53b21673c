/** Answers that may be old come from a real replica, never older than allowed; all others from the primary. */

import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { openReplica, type Replica } from "../../src/store/replica.ts";
import { maxStaleMs } from "../../src/http/max-stale.ts";
import { startReplicated, type ReplicatedServer } from "../support/postgres-server.ts";
import {
  asking,
  PARCEL,
  publish,
  serverOn,
  tokenFor,
  type Answer,
  type Asking,
  type TestServer,
} from "./server.ts";

/** The oldest Postgres that the product supports, where it is installed. */
const DEBIAN = "/usr/lib/postgresql/15/bin";
const STALE = { "cache-control": "max-stale=2" };
/** Longer than the suite: nothing that it does is younger. */
const OLD = { "cache-control": "max-stale=3600" };

let servers: ReplicatedServer;
let standby: pg.Client;
let replica: Replica;
let server: TestServer;
/** Whether the primary is asked for orders while a test looks. */
let reads = 0;

beforeAll(async () => {
  servers = await startReplicated({
    settings: ["shared_buffers=16MB", "wal_receiver_status_interval=1s"],
    ...(existsSync(`${DEBIAN}/postgres`) ? { binaries: DEBIAN } : {}),
  });
  standby = new pg.Client({ connectionString: servers.replicaUrl });
  standby.on("error", () => {});
  await standby.connect();
  const ports = { rebuild: createRebuild() };
  replica = openReplica({ primaryUrl: servers.url, replicaUrl: servers.replicaUrl, ports });
  server = await serverOn(
    openPostgres(servers.url),
    {},
    (store) => ({
      ...store,
      orders: {
        ...store.orders,
        get: (id, scope) => {
          reads += 1;
          return store.orders.get(id, scope);
        },
      },
    }),
    { replica },
  );
  await publish(ask, PARCEL);
}, 60_000);
afterAll(async () => {
  await standby.end();
  await server.close();
  await replica.close();
  await servers.stop();
});

const ask: Asking = (path, given) => asking(server)(path, given);

async function created(): Promise<string> {
  const answer = await ask("/v1/work-orders", {
    body: { process: "parcel", data: { to: "Grace" } },
  });
  expect(answer.status).toBe(201);
  return `/v1/work-orders/${answer.body.id}`;
}

async function pickedUp(path: string): Promise<Answer> {
  return ask(`${path}/events`, { body: { type: "PICK_UP" }, token: await tokenFor("courier") });
}

/** Asks until the replica answers: it may lag for a moment on a busy machine. */
async function fromReplica(path: string, headers: Record<string, string>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await ask(path, { headers });
    if (answer.headers.has("age") || tries === 100) return answer;
    await sleep(50);
  }
}

describe("a replica", () => {
  test("answers whoever allows staleness, says how old the answer may be, and spares the primary", async () => {
    const path = await created();
    await fromReplica(path, STALE);
    reads = 0;
    for (const each of ["", "/history", "/at?revision=1"]) {
      const answer = await fromReplica(`${path}${each}`, STALE);
      expect(answer.status).toBe(200);
      expect(Number(answer.headers.get("age"))).toBeLessThanOrEqual(2);
    }
    expect(reads).toBe(0);
    const list = await fromReplica("/v1/work-orders?process=parcel", STALE);
    expect(list.body.items.length).toBeGreaterThan(0);
    const newest = await ask(path);
    expect(newest.headers.has("age")).toBe(false);
    expect(newest.body).toEqual((await fromReplica(path, STALE)).body);
  });

  test("that lags is asked by whoever allows as much, and by nobody else", async () => {
    const path = await created();
    const beganAt = performance.now();
    await fromReplica(path, STALE);
    await standby.query("select pg_wal_replay_pause()");
    try {
      expect((await pickedUp(path)).body.revision).toBe(2);
      const lagging = async (headers: Record<string, string>) => {
        const { body, headers: given } = await ask(path, { headers });
        return [body.revision, given.has("age")];
      };
      expect(await lagging(OLD)).toEqual([1, true]);
      await sleep(2_100);
      expect(await lagging(STALE)).toEqual([2, false]);
      expect(await lagging({})).toEqual([2, false]);
      expect(await lagging({ "cache-control": "no-cache, max-stale=3600" })).toEqual([2, false]);
      const { body, headers } = await ask(path, { headers: OLD });
      const age = Number(headers.get("age"));
      expect([body.revision, age]).toEqual([1, expect.any(Number)]);
      expect(age).toBeGreaterThanOrEqual(2);
      expect(age).toBeLessThanOrEqual(Math.ceil((performance.now() - beganAt) / 1_000) + 1);
    } finally {
      await standby.query("select pg_wal_replay_resume()");
    }
    await expect.poll(async () => (await ask(path, { headers: OLD })).body.revision).toBe(2);
  });

  test("gives no order older than its caller has seen, and nothing for absent that is there", async () => {
    const path = await created();
    await fromReplica(path, STALE);
    await standby.query("select pg_wal_replay_pause()");
    try {
      await pickedUp(path);
      const seen = await ask(path, { headers: { ...OLD, "if-none-match": '"2"' } });
      expect([seen.status, seen.headers.has("age")]).toEqual([304, false]);
      const known = await ask(path, { headers: { ...OLD, "if-none-match": '"1"' } });
      expect([known.status, known.headers.has("age")]).toEqual([304, true]);
      const past = await ask(`${path}/at?revision=2`, { headers: OLD });
      expect([past.body.revision, past.headers.has("age")]).toEqual([2, false]);
      const rest = await ask(`${path}/history?after=1`, { headers: OLD });
      expect([rest.body.items.length, rest.headers.has("age")]).toEqual([1, false]);
      const young = await created();
      expect((await ask(young, { headers: OLD })).status).toBe(200);
      const absent = await ask("/v1/work-orders/01938f6e-0000-7000-8000-000000000000", {
        headers: OLD,
      });
      expect([absent.status, absent.headers.has("age")]).toEqual([404, false]);
    } finally {
      await standby.query("select pg_wal_replay_resume()");
    }
  });

  test("that lags tells nothing of a person who was restricted since", async () => {
    const path = await created();
    expect((await fromReplica(path, STALE)).body.data.to).toBe("Grace");
    await standby.query("select pg_wal_replay_pause()");
    try {
      const order = path.split("/").at(-1) ?? "";
      const body = { order, ground: "contested", reason: "She says that it is wrong." };
      const made = await ask("/v1/audit/restrictions", { body });
      expect([made.status, made.body.state]).toEqual([201, "restricted"]);
      const lagging = await ask(path, { headers: OLD });
      expect([lagging.status, lagging.headers.has("age")]).toEqual([200, true]);
      expect(lagging.body.data.to).toMatch(/^sealed:/);
    } finally {
      await standby.query("select pg_wal_replay_resume()");
    }
  });

  test("that is gone is missed by nobody", async () => {
    const path = await created();
    await fromReplica(path, STALE);
    await servers.stopReplica();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(path, { headers: OLD })),
    );
    expect(answers.map(({ status, headers }) => [status, headers.has("age")])).toEqual(
      answers.map(() => [200, false]),
    );
  });
});

describe("max-stale", () => {
  test.each([
    ["max-stale=5", 5_000],
    ["max-age=0, Max-Stale = 5", 5_000],
    ['max-stale="5"', 5_000],
    ["max-stale", 3_600_000],
    ["max-stale=99999999", 3_600_000],
    ["max-stale=0", null],
    ["max-stale=-1", null],
    ["max-stale=5x", null],
    ["x-max-stale=5", null],
    ["max-stale=5, no-cache", null],
    ["no-store,max-stale=5", null],
    ["", null],
    [undefined, null],
  ])("%s allows %s ms", (header, expected) => {
    expect(maxStaleMs(header)).toBe(expected);
  });
});
