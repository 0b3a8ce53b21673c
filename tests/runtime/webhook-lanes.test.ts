/** What one bad endpoint, one bad event or one bad key costs the others: nothing; and what a dead letter needs to live again. */

import { expect, test } from "vitest";
import { sql } from "kysely";
import type {
  DeliveryAnswer,
  DeliveryRequest,
  Outlet,
} from "../../src/runtime/contracts/webhooks.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { BEACON, EFFECTS } from "./beacon.ts";
import { ADMIN, granted, server, START, until, type Hand, type Server } from "./engine.ts";
import { virtualClock } from "./virtual-clock.ts";

const KEEPER = { sub: "kim", roles: ["keeper"], centres: null };
const HOUR_MS = 3_600_000;
const OK: DeliveryAnswer = { kind: "answered", status: 200, retryAfter: null };
const BROKEN: DeliveryAnswer = { kind: "answered", status: 500, retryAfter: null };

type Answering = (request: DeliveryRequest, signal: AbortSignal) => Promise<DeliveryAnswer>;

interface World extends Server {
  /** Until deliveries ask the database for nothing more before time goes on. */
  readonly calm: () => Promise<void>;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly pass: (ms: number) => void;
  readonly requests: readonly DeliveryRequest[];
  answering: Answering;
}

describeOnDatabases("deliveries of webhooks", (open, _kind, raw) => {
  const world = async (): Promise<World> => {
    const clock = virtualClock(Date.parse(START));
    const hand: Hand = { now: clock.now() };
    const requests: DeliveryRequest[] = [];
    const here: { answering: Answering } = { answering: () => Promise.resolve(OK) };
    const deliver: Outlet["deliver"] = (request, signal) => {
      requests.push(request);
      return here.answering(request, signal);
    };
    const outlet = { refusal: () => null, deliver };
    const { watched, calm } = watching();
    const opened = await server(async (ports) => watched(await open(ports)), hand, {
      ...{ clock, outlet },
    });
    granted(await opened.engine.definitions.publish(ADMIN, { text: BEACON, format: "yaml" }));
    opened.engine.start();
    const pass = (ms: number): void => {
      clock.advance(ms);
      hand.now = clock.now();
    };
    return Object.assign(here, { ...opened, clock, pass, calm, requests });
  };

  test("an event that its receiver never takes is dead after 72 hours, holds up its order alone, and can be sent again", async () => {
    const at = await world();
    const id = await webhook(at, "https://receiver.example/");
    const poisoned = await order(at);
    const poison = `${poisoned}_1_created`;
    at.answering = (request) => Promise.resolve(idOf(request) === poison ? BROKEN : OK);
    await blink(at, poisoned);
    const healthy = await order(at);
    await passing(at, async () => (await states(at, id, healthy)).join() === "delivered");
    const begun = at.clock.now();
    await passing(at, async () => (await states(at, id, poisoned)).includes("dead"), HOUR_MS / 2);
    const hours = (at.clock.now() - begun) / HOUR_MS;
    expect(hours).toBeGreaterThanOrEqual(71.9);
    expect(hours).toBeLessThan(74);
    const tried = at.requests.filter((request) => idOf(request) === poison);
    expect(tried.length).toBeGreaterThanOrEqual(16);
    // Time runs while attempts are under way: a lease may end on the way, and one more follows.
    expect(tried.length).toBeLessThanOrEqual(40);
    expect(new Set(tried.map(({ body }) => body)).size).toBe(1);
    await passing(at, async () => {
      const all = await states(at, id, poisoned);
      return all.filter((state) => state === "delivered").length === EFFECTS + 1;
    });
    const first = at.requests.findIndex((request) => idOf(request) === `${poisoned}_2_changed`);
    expect(first).toBeGreaterThan(at.requests.findLastIndex((each) => idOf(each) === poison));
    at.answering = () => Promise.resolve(OK);
    granted(await at.engine.webhooks.resend(ADMIN, id, poison));
    await passing(at, async () =>
      (await states(at, id, poisoned)).every((state) => state === "delivered"),
    );
    const again = await listed(at, id);
    const revived = again.find((delivery) => delivery.id === poison);
    expect(revived).toMatchObject({ state: "delivered" });
    expect(revived?.attempts.at(-1)).toMatchObject({ status: 200, error: null });
    await stopped(at);
  });

  test("of a hundred endpoints the forty that never answer delay no other, and cost one attempt at a time", async () => {
    const at = await world();
    const urls = Array.from({ length: 100 }, (_, index) =>
      index % 5 < 2 ? `https://dead-${index}.example/` : `https://live-${index}.example/`,
    );
    for (const url of urls) await webhook(at, url);
    let hanging = 0;
    let most = 0;
    at.answering = async (request, signal) => {
      if (!request.url.includes("dead")) return OK;
      hanging += 1;
      most = Math.max(most, hanging);
      await at.clock.sleep(request.timeoutMs, signal);
      hanging -= 1;
      return { kind: "failed", fault: "timed-out" };
    };
    const orders: string[] = [];
    for (let count = 0; count < 12; count += 1) orders.push(await order(at));
    const arrived = () => at.requests.filter(({ url }) => url.includes("live")).length;
    // Not one time-out passes meanwhile.
    await until(async () => {
      if (at.clock.now() < Date.parse(START) + 14_000) at.pass(100);
      await at.calm();
      return arrived() >= 60 * orders.length;
    }, 60_000);
    expect(arrived()).toBe(60 * orders.length);
    expect(most).toBeLessThanOrEqual(40 * 8);
    // Once they have failed, each of them costs one at a time.
    for (let step = 0; step < 30; step += 1) {
      at.pass(1_000);
      await at.calm();
    }
    most = 0;
    for (let step = 0; step < 30; step += 1) {
      at.pass(1_000);
      await at.calm();
    }
    expect(most).toBeLessThanOrEqual(40);
    expect(arrived()).toBe(60 * orders.length);
    await stopped(at);
  });

  test("an endpoint that is gone gets nothing more, until somebody enables its webhook", async () => {
    const at = await world();
    const id = await webhook(at, "https://gone.example/");
    at.answering = () => Promise.resolve({ kind: "answered", status: 410, retryAfter: null });
    const first = await order(at);
    await passing(
      at,
      async () => granted(await at.engine.webhooks.get(ADMIN, id)).webhook.disabled,
    );
    const tried = at.requests.length;
    await order(at);
    for (let step = 0; step < 20; step += 1) {
      at.pass(60_000);
      await at.calm();
    }
    expect(at.requests.length).toBe(tried);
    expect(await states(at, id, first)).toEqual(["pending"]);
    at.answering = () => Promise.resolve(OK);
    granted(await at.engine.webhooks.change(ADMIN, id, { disabled: false }));
    await passing(at, async () => (await states(at, id, first)).join() === "delivered");
    expect(await listed(at, id)).toHaveLength(1);
    await stopped(at);
  });

  test("a server that stops gives back what is under way, and another one sends it at once", async () => {
    const at = await world();
    const id = await webhook(at, "https://slow.example/");
    at.answering = async (request, signal) => {
      await at.clock.sleep(request.timeoutMs, signal);
      return { kind: "failed", fault: signal.aborted ? "stopped" : "timed-out" };
    };
    const slow = await order(at);
    await passing(at, () => Promise.resolve(at.requests.length === 1), 100);
    await stopped(at);
    const [delivery] = await listed(at, id);
    expect(delivery).toMatchObject({ id: `${slow}_1_created`, state: "pending", attempts: [] });
    expect(Date.parse(delivery?.nextAttemptAt ?? "")).toBeLessThanOrEqual(at.clock.now());
  });

  test("no secret and no person's value stands in the tables or the log in clear", async () => {
    const at = await world();
    const canary = "whsec_Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5Q2E=";
    const wanted = { url: "https://receiver.example/?key=hidden", events: ["*"], secret: canary };
    const { webhook: made } = granted(await at.engine.webhooks.create(ADMIN, wanted));
    const { secret } = granted(
      await at.engine.webhooks.rotate(ADMIN, made.id, { overlapSeconds: 60 }),
    );
    at.answering = () => Promise.resolve(BROKEN);
    const told = await order(at);
    await passing(at, () => Promise.resolve(at.requests.length > 0));
    expect(at.requests[0]?.body).toContain("Katherine");
    await stopped(at);
    const { db } = await raw();
    const { rows } = await sql<{ readonly row: string }>`
      select webhooks::text as row from webhooks union all select deliveries::text from deliveries
      union all select delivery_lanes::text from delivery_lanes`.execute(db);
    const tables = rows.map(({ row }) => row).join("\n");
    expect(tables).toContain(told);
    for (const hidden of [canary, secret]) {
      const bare = hidden.slice("whsec_".length);
      const bytes = Buffer.from(bare, "base64").toString("hex");
      for (const form of [bare, bytes]) expect(tables).not.toContain(form);
      expect(at.logged()).not.toContain(bare);
    }
    expect(tables).not.toContain("Katherine");
    expect(at.logged()).not.toContain("Katherine");
    expect(at.logged()).not.toContain("hidden");
  });
});

/** Virtual time must not run ahead of what a slow machine does in it. */
function watching() {
  let underWay = 0;
  const counted = <Given extends readonly unknown[], Result>(
    work: (...given: Given) => Promise<Result>,
  ) => {
    return async (...given: Given): Promise<Result> => {
      underWay += 1;
      try {
        return await work(...given);
      } finally {
        underWay -= 1;
      }
    };
  };
  return {
    watched: (store: Store): Store => {
      const { claim, finish, release } = store.deliveries;
      const seen = { claim: counted(claim), finish: counted(finish), release: counted(release) };
      return { ...store, deliveries: { ...store.deliveries, ...seen } };
    },
    calm: async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) {
        await systemClock.sleep(1, new AbortController().signal);
        if (underWay > 0) turn = -1;
      }
    },
  };
}

async function webhook({ engine }: Server, url: string): Promise<string> {
  const made = granted(await engine.webhooks.create(ADMIN, { url, events: ["*"] }));
  return made.webhook.id;
}

async function order({ engine }: Server): Promise<string> {
  const request = { process: "beacon", data: { keeper: "Katherine" } };
  return granted(await engine.orders.create(KEEPER, request)).order.id;
}

async function blink({ engine }: Server, id: string): Promise<void> {
  granted(await engine.orders.send(KEEPER, id, { type: "BLINK", payload: {} }));
}

function idOf({ headers }: DeliveryRequest): string {
  return headers["webhook-id"] ?? "";
}

async function listed({ engine }: Server, id: string) {
  return granted(await engine.webhooks.deliveries(ADMIN, id, { limit: 100 })).items;
}

async function states(at: Server, id: string, order: string): Promise<readonly string[]> {
  const own = (await listed(at, id)).filter((delivery) => delivery.order === order);
  return own.map(({ state }) => state);
}

/** What is under way at the stop gets a moment, by the clock. */
async function stopped(at: World): Promise<void> {
  let hasStopped = false;
  const stopping = at.engine.stop().then(() => {
    hasStopped = true;
  });
  await passing(at, () => Promise.resolve(hasStopped), 100);
  await stopping;
}

/** Lets time go on, a step at a time, until it is true. */
async function passing(at: World, isTrue: () => Promise<boolean>, stepMs = 1_000): Promise<void> {
  await until(async () => {
    if (await isTrue()) return true;
    await at.calm();
    at.pass(stepMs);
    return false;
  }, 60_000);
}
