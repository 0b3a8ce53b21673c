import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AppPorts } from "../../src/http/context.ts";
import type { StreamLimits } from "../../src/http/stream-places.ts";
import { createEventParser, type ServerSentEvent } from "../support/event-source.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor, type TestServer } from "./server.ts";
import { endsWithin } from "../support/in-time.ts";

let server: TestServer;
/** What tokens stand for can be changed under an open stream. */
let isWithdrawn = false;
let isMoved = false;
const limits: StreamLimits = { perServer: 8, perCaller: 4, stallMs: 30_000 };

beforeAll(async () => {
  server = await embeddedServer({ streamLimits: limits });
  await publish(asking(server), PARCEL);
});
afterAll(() => server.close());

describe("the stream of a work order", () => {
  test("begins with what was, goes on with what comes, as the history answers it, and ends with the order", async () => {
    const id = await created();
    const stream = await opened(`/v1/work-orders/${id}/stream`);
    const [first] = await stream.read(1);
    await sent(id, "PICK_UP");
    const [second] = await stream.read(1);
    await sent(id, "DELIVER", { signature: "Ann" });
    const [third, closed] = await stream.read(2);
    const { body } = await asking(server)(`/v1/work-orders/${id}/history`);
    expect([first, second, third].map((event) => JSON.parse(event?.data ?? ""))).toEqual(
      body.items,
    );
    expect([first, second, third].map((event) => event?.lastEventId)).toEqual(["1", "2", "3"]);
    expect([first?.type, closed]).toEqual([
      "entry",
      { type: "closed", data: '{"reason":"order-done"}', lastEventId: "3" },
    ]);
    expect(await stream.rest()).toEqual([]);
    expect(stream.retry()).toBe(2_000);
  });

  test("goes on after the place that the reader names, in the header before the address", async () => {
    const id = await created();
    await sent(id, "PICK_UP");
    await sent(id, "MISS");
    const after = await opened(`/v1/work-orders/${id}/stream?after=2`);
    expect((await after.read(1)).map(revisionOf)).toEqual([3]);
    await after.cancel();
    const again = await opened(`/v1/work-orders/${id}/stream?after=2`, { "Last-Event-ID": "1" });
    expect((await again.read(2)).map(revisionOf)).toEqual([2, 3]);
    await again.cancel();
  });

  test("is no more, once an order that has ended was read to its end: nobody shall come again", async () => {
    const id = await created();
    await sent(id, "PICK_UP");
    await sent(id, "DELIVER", { signature: "Ann" });
    const path = `/v1/work-orders/${id}/stream`;
    const answer = await server.app.request(path, await headers({ "Last-Event-ID": "3" }));
    expect(answer.status).toBe(204);
    const whole = await opened(path);
    expect((await whole.rest()).map(({ type }) => type)).toEqual([
      "entry",
      "entry",
      "entry",
      "closed",
    ]);
  });

  test.each([
    ["no number", { "Last-Event-ID": "x" }, "", 400, "header-invalid"],
    ["a negative number", { "Last-Event-ID": "-1" }, "", 400, "header-invalid"],
    ["a number beyond numbers", { "Last-Event-ID": "9".repeat(40) }, "", 400, "header-invalid"],
    ["a place that was not reached", { "Last-Event-ID": "7" }, "", 422, "position-unknown"],
    ["no number in the address", {}, "?after=1.5", 422, "request-invalid"],
    ["an unknown parameter", {}, "?since=1", 422, "request-invalid"],
    ["another representation", { Accept: "application/json" }, "", 406, "not-acceptable"],
  ])("is refused before it begins for %s", async (_, more, query, status, code) => {
    const id = await created();
    for (const path of [`/v1/work-orders/${id}/stream`, "/v1/stream"]) {
      const raised = { ...more, ...("Last-Event-ID" in more && status === 422 ? AHEAD : {}) };
      const answer = await server.app.request(path + query, await headers(raised));
      expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
    }
  });

  test("of another centre, or of no order, looks absent", async () => {
    const [here, nowhere] = [await created("sh-01"), "01938f6e-0000-7000-8000-00000000dead"];
    const token = await tokenFor("courier", { centres: ["bj-02"] });
    for (const id of [here, nowhere]) {
      const path = `/v1/work-orders/${id}/stream`;
      const answer = await server.app.request(path, { headers: bearer(token) });
      expect([answer.status, (await answer.json()).code]).toEqual([404, "not-found"]);
    }
  });

  test("opens persons' data to those who take part only", async () => {
    const id = await created();
    const seen = async (role: string) => {
      const stream = await opened(`/v1/work-orders/${id}/stream`, {}, await tokenFor(role));
      const [event] = await stream.read(1);
      await stream.cancel();
      return event?.data ?? "";
    };
    expect(await seen("courier")).toContain("Ann");
    expect(await seen("auditor")).not.toContain("Ann");
  });
});

const AHEAD = { "Last-Event-ID": "999999999" };

describe("the stream of all work orders", () => {
  test("begins now, gives each entry with its order, and resumes from any of its places", async () => {
    await created();
    await numbered();
    const stream = await opened("/v1/stream");
    await stream.begun();
    const id = await created();
    await sent(id, "PICK_UP");
    const events = await stream.read(2);
    expect(events.map(({ data }) => JSON.parse(data))).toMatchObject([
      { order: id, process: "parcel", revision: 1, type: "order.started" },
      { order: id, process: "parcel", revision: 2, type: "PICK_UP" },
    ]);
    await stream.cancel();
    const again = await opened("/v1/stream", { "Last-Event-ID": events[0]?.lastEventId ?? "" });
    expect(await again.read(1)).toEqual([events[1]]);
    await again.cancel();
  });

  test("gives everything from the first place on", async () => {
    const stream = await opened("/v1/stream?after=0");
    const events = await stream.read(5);
    expect(events.map(({ lastEventId }) => lastEventId)).toEqual(["1", "2", "3", "4", "5"]);
    await stream.cancel();
  });

  test("of a caller of some centres holds those only, not the orders without one", async () => {
    await numbered();
    const streams = await Promise.all(
      [["sh-01"], ["bj-02"], "*" as const].map(async (centres) => {
        const token = await tokenFor("courier", {
          centres,
          sub: [centres].flat().join(),
        });
        const stream = await opened("/v1/stream", {}, token);
        await stream.begun();
        return stream;
      }),
    );
    const ids = [await created("sh-01"), await created(), await created("bj-02")];
    const [atShanghai, atBeijing, everywhere] = streams;
    const ordersOf = async (stream: Stream | undefined, count: number) =>
      (await stream?.read(count))?.map(({ data }) => JSON.parse(data).order);
    expect(await ordersOf(everywhere, 3)).toEqual(ids);
    expect(await ordersOf(atShanghai, 1)).toEqual([ids[0]]);
    expect(await ordersOf(atBeijing, 1)).toEqual([ids[2]]);
    await Promise.all(streams.map((stream) => stream.cancel()));
  });

  test("can be of one centre and one process", async () => {
    await numbered();
    const stream = await opened("/v1/stream?centre=sh-01&process=parcel");
    const none = await opened("/v1/stream?process=letter");
    await Promise.all([stream.begun(), none.begun()]);
    await created("bj-02");
    const id = await created("sh-01");
    expect((await stream.read(1)).map(({ data }) => JSON.parse(data).order)).toEqual([id]);
    expect(none.events()).toEqual([]);
    await Promise.all([stream.cancel(), none.cancel()]);
  });

  test("answers HEAD without a stream that nobody would end", async () => {
    for (let index = 0; index < 2 * limits.perServer; index += 1) {
      const answer = await server.app.request("/v1/stream", {
        ...(await headers()),
        method: "HEAD",
      });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        200,
        "text/event-stream",
      ]);
    }
  });

  test("has a place for so many of a caller and of all callers, and for the next once one is free", async () => {
    const open = async (sub: string) => {
      const token = await tokenFor("courier", { sub });
      return server.app.request("/v1/stream", { headers: bearer(token) });
    };
    const mine = await Promise.all(Array.from({ length: limits.perCaller }, () => open("one")));
    const fifth = await open("one");
    expect([fifth.status, (await fifth.json()).code]).toEqual([429, "rate-limited"]);
    expect(fifth.headers.get("retry-after")).toBe("5");
    const others = await Promise.all(
      Array.from({ length: limits.perServer - limits.perCaller }, (_, index) => open(`o${index}`)),
    );
    const ninth = await open("another");
    expect([ninth.status, (await ninth.json()).code]).toEqual([503, "overloaded"]);
    expect(ninth.headers.get("retry-after")).toBe("1");
    await others[0]?.body?.cancel();
    const last = await open("another");
    expect(last.status).toBe(200);
    for (const each of [...mine, ...others.slice(1), last]) await each.body?.cancel();
  });
});

describe("a stream that the server ends", () => {
  test("says that its token was withdrawn, or stands for something else, and gives nothing more", async () => {
    for (const [change, reason] of [
      [() => (isWithdrawn = true), "token-refused"],
      [() => (isMoved = true), "authority-changed"],
    ] as const) {
      [isWithdrawn, isMoved] = [false, false];
      const own = await ownServer({
        readToken: async () =>
          isWithdrawn
            ? { kind: "refused", detail: "gone" }
            : {
                kind: "known",
                caller: { sub: "a", roles: ["admin"], centres: isMoved ? [] : null },
              },
      });
      const stream = await opened("/v1/stream", {}, "any", own);
      await stream.begun();
      change();
      const root = { sub: "root", roles: ["admin"], centres: null };
      await own.engine.orders.create(root, { process: "parcel", data: { to: "Ann" } });
      expect(await stream.rest()).toEqual([
        { type: "closed", data: JSON.stringify({ reason }), lastEventId: "0" },
      ]);
      await own.close();
    }
  });

  test("says that the server stops, at once", async () => {
    const stop = new AbortController();
    const own = await ownServer({ stopping: stop.signal });
    const streams = [await opened("/v1/stream", {}, undefined, own)];
    const id = await created(undefined, own);
    streams.push(await opened(`/v1/work-orders/${id}/stream`, {}, undefined, own));
    for (const stream of streams) await stream.begun();
    await streams[1]?.read(1);
    stop.abort();
    const rests = Promise.all(streams.map((stream) => stream.rest()));
    expect(await endsWithin(1_000, () => rests)).toBe(true);
    const ends = await rests;
    for (const events of ends) expect(events.at(-1)?.data).toBe('{"reason":"server-stopping"}');
    await own.close();
  });
});

interface Stream {
  /** Exactly so many further events. */
  readonly read: (count: number) => Promise<readonly ServerSentEvent[]>;
  /** All until its end. */
  readonly rest: () => Promise<readonly ServerSentEvent[]>;
  /** Those that came unasked. */
  readonly events: () => readonly ServerSentEvent[];
  /** Resolves when the reader knows its place. */
  readonly begun: () => Promise<void>;
  readonly retry: () => number | null;
  readonly cancel: () => Promise<void>;
}

async function opened(
  path: string,
  more: Record<string, string> = {},
  token?: string,
  { app }: TestServer = server,
): Promise<Stream> {
  const answer = await app.request(path, await headers(more, token));
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error("expected a body");
  const parser = createEventParser();
  const waiting: ServerSentEvent[] = [];
  const readMore = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    if (value !== undefined) waiting.push(...parser.push(value));
    return !done;
  };
  return {
    read: async (count) => {
      while (waiting.length < count) if (!(await readMore())) throw new Error("the stream ended");
      return waiting.splice(0, count);
    },
    rest: async () => {
      while (await readMore());
      return waiting.splice(0);
    },
    events: () => waiting,
    begun: async () => {
      while (parser.lastEventId() === "") await readMore();
    },
    retry: parser.retry,
    cancel: () => reader.cancel(),
  };
}

function ownServer(ports: Partial<AppPorts>): Promise<TestServer> {
  return embeddedServer(ports).then(async (own) => {
    await publish(asking(own), PARCEL);
    return own;
  });
}

async function created(centre?: string, { app }: TestServer = server): Promise<string> {
  const body = {
    process: "parcel",
    data: { to: "Ann" },
    ...(centre === undefined ? {} : { centre }),
  };
  const { body: order } = await asking({ app })("/v1/work-orders", { body });
  return order.id;
}

async function sent(id: string, type: string, payload = {}): Promise<void> {
  const token = await tokenFor(["courier", "admin"]);
  const answer = await asking(server)(`/v1/work-orders/${id}/events`, {
    token,
    body: { type, payload },
  });
  expect(answer.status).toBe(200);
}

/** What was committed has its place: a stream that begins now begins after it. */
async function numbered(): Promise<void> {
  await server.store.feed.sequence(1_000);
}

async function headers(more: Record<string, string> = {}, token?: string) {
  return { headers: { ...bearer(token ?? (await tokenFor("admin"))), ...more } };
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function revisionOf({ data }: ServerSentEvent): number {
  return JSON.parse(data).revision;
}
