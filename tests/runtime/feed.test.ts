/** Entries over servers: live at once, found by a look when the wake is lost, held up by no server that fails. */

import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { Bus } from "../../src/runtime/bus.ts";
import { createFeedTail } from "../../src/runtime/feed-tail.ts";
import { createRinger } from "../../src/runtime/bell.ts";
import { lookFor } from "../../src/runtime/look-for.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import { createSequencer, sequenceEntries } from "../../src/runtime/sequencer.ts";
import type { EntryStream, StreamItem } from "../../src/runtime/streams.ts";
import type { FeedRange } from "../../src/store/contracts/feed.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { advance } from "../store/fixtures.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { createDatabase, describeOnDatabases, type OpenStore } from "../support/databases.ts";
import { CLERK, createParcel, granted, parcelServer, sent, server, type Server } from "./engine.ts";
import { virtualClock } from "./virtual-clock.ts";

const never = new AbortController().signal;
const started: Server[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ engine }) => engine.stop()));
});

async function running(open: OpenStore, first = false): Promise<Server> {
  const made = first ? await parcelServer(open) : await server(open);
  started.push(made);
  made.engine.start();
  return made;
}

async function orderStream({ engine }: Server, id: string, after = 0): Promise<EntryStream> {
  const { stream } = granted(await engine.streams.order(CLERK, id, after));
  if (stream === null) throw new Error("expected an order that goes on");
  return stream;
}

async function allStream({ engine }: Server, after: number | null = null): Promise<EntryStream> {
  const { stream } = granted(await engine.streams.all(CLERK, {}, after));
  if (stream === null) throw new Error("expected a stream");
  return stream;
}

/** What was committed has its place: a stream that begins now begins after it. */
async function numbered({ store }: Server): Promise<void> {
  await expect.poll(async () => (await store.feed.sequence(1_000)).kind).toBe("appended");
}

async function take(stream: EntryStream, count: number): Promise<readonly StreamItem[]> {
  const found: StreamItem[] = [];
  while (found.length < count) {
    const { items } = await stream.next(10_000, never);
    if (items.length === 0) throw new Error(`expected ${count} entries, found ${found.length}`);
    found.push(...items);
  }
  return found;
}

describeOnDatabases("entries as they come", (open) => {
  test("come from this server and from the other one, of one order and of all", async () => {
    const [here, there] = [await running(open, true), await running(open)];
    const { id } = await createParcel(here);
    await numbered(here);
    const streams = [await orderStream(there, id, 1), await allStream(there, 1)];
    await sent(here, id, "WEIGH", { weight: 3 });
    await sent(there, id, "WEIGH", { weight: 4 });
    for (const stream of streams) {
      expect((await take(stream, 2)).map(({ revision }) => revision)).toEqual([2, 3]);
      stream.close();
    }
  });

  test("are found by a look when every wake is lost", async () => {
    const [here, there] = [await running(open, true), await running(open)];
    const { id } = await createParcel(here);
    await numbered(here);
    const streams = [await orderStream(there, id, 1), await allStream(there)];
    const reads = streams.map((stream) => take(stream, 1));
    // Written past the engine: no sequencer and no stream is told.
    const head = { process: "parcel", status: "done" } as const;
    await advance(here.store, id, { type: "timer.fired", head });
    const startedAt = performance.now();
    const found = await Promise.all(reads);
    expect(found.flat().map(({ revision, entry }) => [revision, entry])).toEqual([
      [2, null],
      [2, null],
    ]);
    console.log(
      `streams: found without a wake after ${Math.round(performance.now() - startedAt)} ms`,
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    for (const stream of streams) stream.close();
  });

  test("of a stream far behind are read from the feed, those of one near its end from memory", async () => {
    const here = await running(open, true);
    const { id } = await createParcel(here);
    for (let weight = 1; weight <= 60; weight += 1) await sent(here, id, "WEIGH", { weight });
    const stream = await allStream(here, 0);
    expect((await take(stream, 61)).map(({ place }) => place)).toEqual(
      Array.from({ length: 61 }, (_, index) => index + 1),
    );
    stream.close();
  });

  test("end with their order", async () => {
    const here = await running(open, true);
    const { id } = await createParcel(here);
    const stream = await orderStream(here, id);
    await take(stream, 1);
    const waiting = stream.next(10_000, never);
    await sent(here, id, "HAND_OVER");
    expect((await waiting).items).toHaveLength(1);
    expect(await stream.next(50, never)).toMatchObject({ items: [], isOver: false });
    await here.engine.orders.send({ ...CLERK, roles: ["courier"] }, id, {
      ...{ type: "DELIVER", payload: {} },
    });
    await take(stream, 1);
    expect(await stream.next(10_000, never)).toEqual({ items: [], place: 3, isOver: true });
    expect(granted(await here.engine.streams.order(CLERK, id, 3)).stream).toBe(null);
    stream.close();
  });
});

describe("entries as they come", () => {
  test("go on where they were after the database was away, on streams that stayed open", async () => {
    const database = await createDatabase();
    const port = Number(new URL(database.url).port);
    let target = port;
    const proxy = await cuttingProxy({ target: () => target, cutAfter: () => null });
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const [near, far] = [storeOn(openPostgres(url.href)), storeOn(openPostgres(database.url))];
    await far.migrate();
    const here = await running(async () => near, true);
    const { id } = await createParcel(here);
    await numbered(here);
    const streams = [await orderStream(here, id, 1), await allStream(here)];
    const reads = streams.map((stream) => take(stream, 2));
    await sent(here, id, "WEIGH", { weight: 2 });
    target = 1;
    proxy.cutAll();
    // Another server still reaches the database.
    await advance(far, id, { head: { process: "parcel", status: "done" } });
    await systemClock.sleep(1_500, never);
    target = port;
    for (const items of await Promise.all(reads)) {
      expect(items.map(({ revision }) => revision)).toEqual([2, 3]);
    }
    for (const stream of streams) stream.close();
    await here.engine.stop();
    await Promise.all([near.close(), far.close()]);
    await proxy.close();
    await database.drop();
  });
});

describe("a sequencer", () => {
  test("comes again at once after a full round, soon when another one is at work, else when it is woken", async () => {
    const published: unknown[] = [];
    const bus: Pick<Bus, "publish"> = { publish: (topics) => published.push(topics) };
    const pauses = [
      { kind: "appended", count: 2_000, head: 2_000 } as const,
      { kind: "busy" } as const,
      { kind: "appended", count: 0, head: 2_000 } as const,
    ].map((done) =>
      sequenceEntries(
        { sequence: async () => done, head: async () => 0, read: async () => NOTHING },
        bus,
      ),
    );
    expect((await Promise.all(pauses)).map(({ pauseMs }) => pauseMs)).toEqual([0, 10, 1_000]);
    expect(published).toEqual([["feed"]]);
  });

  test("numbers the first entry at once, and what follows within ten milliseconds in one round", async () => {
    const clock = virtualClock(0);
    let rounds = 0;
    const sequence = async () => {
      rounds += 1;
      return { kind: "appended", count: 1, head: rounds } as const;
    };
    const feed = { sequence, head: async () => 0, read: async () => NOTHING };
    const round = createSequencer(feed, { publish: () => {} }, clock);
    const { signal } = new AbortController();
    await round(signal);
    const second = round(signal);
    clock.advance(9);
    await setImmediate();
    expect(rounds).toBe(1);
    clock.advance(1);
    await second;
    expect(rounds).toBe(2);
    clock.advance(1_000);
    await round(signal);
    expect(rounds).toBe(3);
  });

  test("waits longer after a round of many, so that rounds are no burden to those who write", async () => {
    const clock = virtualClock(0);
    const counts = [100, 99, 1];
    let rounds = 0;
    const sequence = async () =>
      ({ kind: "appended", count: counts[rounds++] ?? 0, head: 0 }) as const;
    const feed = { sequence, head: async () => 0, read: async () => NOTHING };
    const round = createSequencer(feed, { publish: () => {} }, clock);
    const { signal } = new AbortController();
    await round(signal);
    for (const restMs of [50, 10]) {
      const before = rounds;
      const next = round(signal);
      clock.advance(restMs - 1);
      await setImmediate();
      expect(rounds).toBe(before);
      clock.advance(1);
      await next;
      expect(rounds).toBe(before + 1);
    }
  });
});

const TEN = { limit: 10, bytes: 1_000_000 };
const NOTHING = { entries: [], reached: 0 };

describe("the feed's tail", () => {
  const entryAt = (position: number, line = "x") => ({
    ...{ position, orderId: "o1", process: "p", centre: null },
    entry: { revision: position, at: 0, type: "T", line, hash: "h" },
  });

  test("reads nothing while nobody follows, and forgets what it read for those who did", async () => {
    let reads = 0;
    const feed = {
      sequence: async () => ({ kind: "busy" }) as const,
      head: async () => 5,
      read: async ({ after }: { readonly after: number }) => {
        reads += 1;
        return after === 5
          ? { entries: [entryAt(6)], reached: 6 }
          : { entries: [], reached: after };
      },
    };
    const tail = createFeedTail({ feed }, () => {});
    await tail.round();
    expect([reads, tail.since(5, TEN)]).toEqual([0, null]);
    const rung: (number | null)[] = [];
    const end = tail.follow((entry) => rung.push(entry?.position ?? null));
    await tail.round();
    expect(rung).toEqual([null, 6]);
    expect(tail.since(5, TEN)).toEqual({ entries: [entryAt(6)], reached: 6 });
    expect(tail.since(6, TEN)).toEqual({ entries: [], reached: 6 });
    expect(tail.since(4, TEN)).toBe(null);
    // Another server's stream may know more than this server has read.
    expect(tail.since(9, TEN)).toEqual({ entries: [], reached: 9 });
    end();
    await tail.round();
    expect(tail.since(5, TEN)).toBe(null);
  });

  test("keeps a bounded part of it, however much comes and however long lines are", async () => {
    let position = 0;
    const feed = {
      sequence: async () => ({ kind: "busy" }) as const,
      head: async () => 0,
      read: async ({ after, limit }: FeedRange) => {
        const count = Math.min(limit, 5_000 - after);
        const entries = Array.from({ length: count }, (_, index) =>
          entryAt(after + index + 1, "x".repeat(10_000)),
        );
        position = after + count;
        return { entries, reached: position };
      },
    };
    const tail = createFeedTail({ feed }, () => {});
    tail.follow(() => {});
    await tail.round();
    expect(tail.since(0, TEN)).toBe(null);
    const kept = Array.from({ length: 5_000 }, (_, index) => index).filter(
      (after) => tail.since(after, TEN) !== null,
    );
    expect(kept.length).toBeGreaterThan(300);
    expect(kept.length).toBeLessThan(500);
  });
});

describe("a look", () => {
  test("is taken again when a database that was away may be back", async () => {
    let looks = 0;
    const { wait } = createRinger(systemClock);
    const found = await lookFor(
      async () => {
        looks += 1;
        if (looks === 1) throw new StoreUnavailable("away");
        return { looks };
      },
      { clock: systemClock, wait, waitMs: 10_000, signal: never },
    );
    expect(found).toEqual({ looks: 2 });
  });

  test("ends in time, however often it is woken for others", async () => {
    const { wait, ring } = createRinger(systemClock);
    const ringing = setInterval(ring, 5);
    const startedAt = performance.now();
    const found = await lookFor(async () => null, {
      ...{ clock: systemClock, wait, waitMs: 100, signal: never },
    });
    clearInterval(ringing);
    expect(found).toBe(null);
    expect(performance.now() - startedAt).toBeGreaterThan(80);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("ends when its asker goes, and what it throws is thrown", async () => {
    const { wait } = createRinger(systemClock);
    const patience = { clock: systemClock, wait, waitMs: 10_000, signal: AbortSignal.timeout(20) };
    expect(await lookFor(async () => null, patience)).toBe(null);
    const failing = lookFor(() => Promise.reject(new Error("defect")), patience);
    await expect(failing).rejects.toThrow("defect");
  });
});
