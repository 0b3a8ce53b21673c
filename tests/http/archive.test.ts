/** An archived order answers as it did before it was moved; one whose month is gone says so, to whom it concerns. */

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../machines/json.ts";
import {
  asking,
  embeddedServer,
  PARCEL,
  publish,
  tokenFor,
  type Answer,
  type Asking,
  type TestServer,
} from "./server.ts";

const PATHS = ["", "/history", "/history?after=1&limit=1", "/at?revision=2", "/stream?after=3"];
/** Closed this very moment, too. */
const ALL = { olderThanMs: -3_600_000, after: null, entries: 1_000_000 };

let server: TestServer;
const ask: Asking = (path, given) => asking(server)(path, given);

/** A job that is completed, one that fails, and one that meets an incident. */
const BINDING = `
process: binding
version: 1.0.0
jobs: { fold: { retries: 0 }, sew: { retries: 0 }, glue: { retries: 0 } }
machine:
  initial: folding
  states:
    folding: { invoke: { src: fold, onDone: sewing } }
    sewing: { invoke: { src: sew, onDone: done, onError: gluing } }
    gluing: { invoke: { src: glue, onDone: done } }
    done: { type: final }
`;

beforeAll(async () => {
  server = await embeddedServer();
  await publish(ask, PARCEL);
  await publish(ask, BINDING);
});
afterAll(() => server.close());

interface Closed {
  readonly id: string;
  readonly path: string;
  /** Requests that made it, to be sent again, and what they were answered. */
  readonly sent: readonly (readonly [path: string, body: Json, key: string, Answer])[];
}

async function closed(centre: string): Promise<Closed> {
  const id = crypto.randomUUID();
  const path = `/v1/work-orders/${id}`;
  const requests: readonly (readonly [string, Json])[] = [
    ["/v1/work-orders", { id, process: "parcel", centre, data: { to: "Grace Hopper" } }],
    [`${path}/events`, { type: "PICK_UP" }],
    [`${path}/events`, { type: "DELIVER", payload: { signature: "GH" } }],
  ];
  const sent = [];
  for (const [at, body] of requests) {
    const key = crypto.randomUUID();
    sent.push([at, body, key, await again(at, body, key)] as const);
  }
  return { id, path, sent };
}

async function again(path: string, body: Json, key: string): Promise<Answer> {
  const token = await tokenFor(path.endsWith("/events") ? "courier" : "admin");
  return ask(path, { body, token, headers: { "idempotency-key": key } });
}

/** As soon as every entry has its place in the feed. */
async function archive(): Promise<void> {
  await expect.poll(async () => (await server.store.archive.move(ALL)).orders).toBeGreaterThan(0);
}

async function told(path: string, more?: Json) {
  const { status, text } = await ask(path, more === undefined ? {} : { body: more });
  return [path, status, text.replace(/"requestId":"[^"]*"/, "")];
}

describe("an archived order", () => {
  test("answers every read, and every request that comes again, as before", async () => {
    const { path, sent } = await closed("sh-01");
    expect(sent.map(([, , , { status }]) => status)).toEqual([201, 200, 200]);
    const look = async () => ({
      reads: await Promise.all(PATHS.map((each) => told(`${path}${each}`))),
      lists: await Promise.all(
        ["", "?status=done", "?status=active", "?centre=sh-01&process=parcel"].map((query) =>
          told(`/v1/work-orders${query}`),
        ),
      ),
      late: await told(`${path}/events`, { type: "DELIVER", payload: { signature: "x" } }),
      preview: await told(`${path}/events:preview`, { type: "MISS" }),
      feed: await server.store.feed.read({ after: 0, limit: 99, bytes: 1e6 }, { centres: "*" }),
      replays: await Promise.all(
        sent.map(async ([at, body, key]) => {
          const { status, text, headers } = await again(at, body, key);
          return [status, text, headers.get("idempotency-replayed")];
        }),
      ),
    });
    const before = await look();
    await archive();
    expect(await look()).toEqual(before);
    expect(before.replays.map(([, , replayed]) => replayed)).toEqual(["true", "true", "true"]);
    expect(before.late[1]).toBe(409);
    expect(before.late[2]).toContain("order-closed");
    const proof = await ask(`${path}/verify`, { method: "POST" });
    expect(proof.body).toMatchObject({ verified: true, entries: 3 });
    expect(await rows("orders")).toBe(0);
    expect(await rows("archived_orders")).toBe(1);
    const other = { id: path.slice(-36), process: "parcel", data: { to: "Ada" } };
    expect((await ask("/v1/work-orders", { body: other })).body.code).toBe("id-unavailable");
  });

  test("forgets a person whose values are erased, and is proven all the same", async () => {
    const { path, id } = await closed("sh-02");
    await archive();
    expect((await ask(path)).text).toContain("Grace Hopper");
    await server.database.db.deleteFrom("sealed_boxes").where("order_id", "=", id).execute();
    expect((await ask(path)).text).not.toContain("Grace Hopper");
    const proof = await ask(`${path}/verify`, { method: "POST" });
    expect(proof.body).toMatchObject({ verified: true });
  });

  test("whose month was taken out is answered 410, and looks absent to other centres", async () => {
    const { path, sent } = await closed("sh-03");
    await archive();
    const month = new Date().toISOString().slice(0, 7);
    expect(await server.store.archive.detach(month)).toBe(true);
    const elsewhere = await tokenFor("courier", { centres: ["bj-02"] });
    const event = { type: "DELIVER", payload: { signature: "x" } };
    for (const each of [...PATHS, "/events", "/events:preview", "/verify"]) {
      const body = each.startsWith("/events") ? { body: event } : {};
      const post = each === "/verify" ? { method: "POST" as const } : {};
      const answer = await ask(`${path}${each}`, { ...body, ...post });
      expect([each, answer.status, answer.body.code]).toEqual([each, 410, "order-detached"]);
      expect(answer.body.detail).toContain(month);
      const hidden = await ask(`${path}${each}`, { ...body, ...post, token: elsewhere });
      expect([each, hidden.status, hidden.body.code]).toEqual([each, 404, "not-found"]);
    }
    const batch = await ask("/v1/events:batch", {
      body: { events: [{ id: path.slice(-36), ...event }] },
    });
    expect(batch.body.items[0].status).toBe(410);
    expect((await ask("/v1/stream?after=0")).status).toBe(410);
    expect((await ask("/v1/work-orders?status=done")).body.items).toEqual([]);
    const [first] = sent;
    const taken = await ask("/v1/work-orders", { body: first?.[1] ?? null });
    expect(["id-unavailable", "order-detached"]).toContain(taken.body.code);
    expect(await server.store.archive.attach(month)).toBe(true);
    expect((await ask(path)).status).toBe(200);
  });

  test("whose month was taken out is answered 410 by its jobs' and incidents' requests, with their keys or without", async () => {
    const path = "/v1/work-orders";
    const id = (await ask(path, { body: { process: "binding" } })).body.id;
    const job = async () => (await ask(`${path}/${id}`)).body.jobs[0].id;
    const incident = async () => (await ask(`/v1/incidents?order=${id}`)).body.items[0].id;
    const keyed: (readonly [operation: string, path: string, body: Json, key: string])[] = [];
    const send = async (operation: string, at: string, body: Json) => {
      const key = crypto.randomUUID();
      keyed.push([operation, at, body, key]);
      expect((await again(at, body, key)).status, operation).toBeLessThan(300);
    };
    const failed = { error: { code: "worn", message: "the needle" }, retryable: false };
    await claimed("fold");
    await send("complete", `/v1/jobs/${await job()}/complete`, {});
    await claimed("sew");
    await send("fail", `/v1/jobs/${await job()}/fail`, failed);
    await claimed("glue");
    expect((await ask(`/v1/jobs/${await job()}/fail`, { body: failed })).status).toBe(200);
    await send("retry", `/v1/incidents/${await incident()}/retry`, { reason: "a new needle" });
    await claimed("glue");
    expect((await ask(`/v1/jobs/${await job()}/fail`, { body: failed })).status).toBe(200);
    await send("resolve", `/v1/incidents/${await incident()}/resolve`, { reason: "by hand" });
    const answers = async () =>
      Promise.all(
        keyed.map(async ([operation, at, body, key]) => {
          const { status, body: answer } = await again(at, body, key);
          return [operation, status, answer?.code];
        }),
      );
    const before = await answers();
    expect(before.map(([, status]) => status)).toEqual([200, 200, 204, 200]);
    await archive();
    expect(await answers()).toEqual(before);
    const month = new Date().toISOString().slice(0, 7);
    expect(await server.store.archive.detach(month)).toBe(true);
    expect(await answers()).toEqual(keyed.map(([operation]) => [operation, 410, "order-detached"]));
    for (const [operation, at, body] of keyed) {
      const { status, body: answer } = await ask(at, { body });
      expect([operation, status, answer.code]).toEqual([operation, 410, "order-detached"]);
    }
    const first = `/v1/jobs/${id}.1.1`;
    expect((await ask(first)).body.code).toBe("order-detached");
    const extended = await ask(`${first}/extend`, { body: { leaseSeconds: 9 } });
    expect(extended.body.code).toBe("order-detached");
    expect((await ask(`/v1/incidents?status=closed&order=${id}`)).body.items).toHaveLength(2);
    expect(await server.store.archive.attach(month)).toBe(true);
    expect(await answers()).toEqual(before);
  });
});

async function claimed(type: string): Promise<void> {
  const { body } = await ask("/v1/jobs/claim", { body: { types: [type], leaseSeconds: 60 } });
  expect(body.items).toHaveLength(1);
}

async function rows(table: "archived_orders" | "orders"): Promise<number> {
  const { rows: counted } = await sql<{ readonly count: number }>`
    select count(*) as count from ${sql.table(table)}`.execute(server.database.db);
  return counted[0]?.count ?? 0;
}
