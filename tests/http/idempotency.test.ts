/** A write that is sent again under its key: one effect, and the same answer, byte for byte. */

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/store/errors.ts";
import type { TestServer } from "./server.ts";
import {
  asking,
  embeddedServer,
  PARCEL,
  publish,
  tokenFor,
  type Answer,
  type Asking,
} from "./server.ts";

let server: TestServer;
let ask: Asking;
let courier: string;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  courier = await tokenFor("courier", { sub: "bo" });
  await publish(ask, PARCEL);
}, 60_000);

afterAll(() => server.close());

let keys = 0;
const fresh = (): string => `key-${(keys += 1)}`;
const keyed = (key: string) => ({ "Idempotency-Key": key });

const PLACE = { process: "parcel", data: { to: "Grace Hopper", weight: 2 } };

async function parcel(): Promise<string> {
  return (await ask("/v1/work-orders", { body: PLACE })).body.id;
}

function send(id: string, key: string, type: string, payload = {}, more = {}): Promise<Answer> {
  const headers = { ...keyed(key), ...more };
  return ask(`/v1/work-orders/${id}/events`, { body: { type, payload }, headers, token: courier });
}

const entries = async (id: string): Promise<number> =>
  (await ask(`/v1/work-orders/${id}/history`)).body.items.length;

/** All that makes an answer. */
function whole({ status, headers, text }: Answer) {
  const own = ["content-type", "content-language", "etag", "location"];
  return { status, text, headers: own.map((name) => headers.get(name)) };
}

function expectReplay(again: Answer, first: Answer): void {
  expect(first.headers.get("idempotency-replayed")).toBeNull();
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(whole(again)).toEqual(whole(first));
}

describe("a work order's write under a key", () => {
  test("creates once, without an id of the caller's", async () => {
    const headers = keyed(fresh());
    const first = await ask("/v1/work-orders", { body: PLACE, headers });
    const again = await ask("/v1/work-orders", { body: PLACE, headers });
    expect(first.status).toBe(201);
    expectReplay(again, first);
  });

  test("is answered as it was, also after what came later, and without any snapshot", async () => {
    const id = await parcel();
    const [one, two] = [fresh(), fresh()];
    const pickedUp = await send(id, one, "PICK_UP");
    expect(pickedUp.status).toBe(200);
    expectReplay(await send(id, one, "PICK_UP"), pickedUp);
    const missed = await send(id, two, "MISS");
    await send(id, fresh(), "DELIVER", { signature: "G. H." });
    expectReplay(await send(id, one, "PICK_UP"), pickedUp);
    await server.store.orders.forgetSnapshots();
    expectReplay(await send(id, one, "PICK_UP"), pickedUp);
    expectReplay(await send(id, two, "MISS"), missed);
    expect(await entries(id)).toBe(4);
  });

  test("that was refused stays refused when the order would take it by now", async () => {
    const id = await parcel();
    const key = fresh();
    const refused = await send(id, key, "MISS");
    expect(refused).toMatchObject({ status: 409, body: { code: "event-not-enabled" } });
    expect(refused.body.enabled).toHaveLength(1);
    await send(id, fresh(), "PICK_UP");
    expectReplay(await send(id, key, "MISS"), refused);
    expect(await entries(id)).toBe(2);
  });

  test("that never reached the order is no answer: the key is still free", async () => {
    const id = await parcel();
    const key = fresh();
    const headers = keyed(key);
    const path = `/v1/work-orders/${id}/events`;
    expect((await ask(path, { body: { type: 7 }, headers })).status).toBe(422);
    expect((await ask(path, { body: "{", headers })).status).toBe(400);
    expect((await ask(path, { body: { type: "PICK_UP" }, headers, token: null })).status).toBe(401);
    expect(await send(id, key, "PICK_UP")).toMatchObject({ status: 200 });
  });

  test("with another body, on another address, is refused", async () => {
    const [id, other] = [await parcel(), await parcel()];
    const key = fresh();
    await send(id, key, "PICK_UP");
    for (const answer of [
      await send(id, key, "MISS"),
      await send(other, key, "PICK_UP"),
      await ask("/v1/work-orders", { body: PLACE, headers: keyed(key), token: courier }),
    ]) {
      expect(answer).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
    }
    expect([await entries(id), await entries(other)]).toEqual([2, 1]);
    const clock = await ask("/v1/test-clocks", { body: {}, headers: keyed(key) });
    const elsewhere = await ask("/v1/work-orders", { body: PLACE, headers: keyed(key) });
    expect(clock).toMatchObject({ status: 201 });
    expect(elsewhere).toMatchObject({ status: 422, body: { code: "idempotency-key-reused" } });
  });

  test("is each caller's own", async () => {
    const id = await parcel();
    const key = fresh();
    const body = { type: "PICK_UP", payload: {} };
    const path = `/v1/work-orders/${id}/events`;
    const first = await ask(path, { body, headers: keyed(key), token: courier });
    expect(first.status).toBe(200);
    const another = await tokenFor("courier", { sub: "cy" });
    const other = await ask(path, { body, headers: keyed(key), token: another });
    expect(other).toMatchObject({ status: 409, body: { code: "event-not-enabled" } });
    expect(other.headers.get("idempotency-replayed")).toBeNull();
  });

  test("shows nothing to a caller whose token reaches the order no more", async () => {
    const headers = keyed(fresh());
    const all = await tokenFor("admin", { sub: "ann" });
    const one = await tokenFor("admin", { sub: "ann", centres: ["sh-01"] });
    const body = { ...PLACE, centre: "bj-02" };
    expect(await ask("/v1/work-orders", { body, headers, token: all })).toMatchObject({
      status: 201,
    });
    const again = await ask("/v1/work-orders", { body, headers, token: one });
    expect(again.status).toBeGreaterThanOrEqual(403);
    expect(again.text).not.toContain("Grace");
  });

  test("gives persons' values to the caller alone: the database holds none of them", async () => {
    const canary = "CANARY-6f1d";
    const headers = keyed(fresh());
    const body = { process: "parcel", data: { to: canary, weight: -1 } };
    const refused = await ask("/v1/work-orders", { body, headers });
    expect(refused).toMatchObject({ status: 422, body: { code: "data-invalid" } });
    const made = { process: "parcel", data: { to: canary } };
    const first = await ask("/v1/work-orders", { body: made, headers: keyed(canary) });
    expect(first.text).toContain(canary);
    const wrong = { process: "parcel", data: { to: [canary, { [canary]: canary }] } };
    await ask("/v1/work-orders", { body: wrong, headers: keyed(fresh()) });
    const id = first.body.id;
    await send(id, fresh(), "DELIVER", { signature: canary });
    const { rows } = await sql`select * from idempotency`.execute(server.database.db);
    expect(rows.length).toBeGreaterThan(4);
    expect(JSON.stringify(rows)).not.toContain(canary);
  });
});

describe("any other write under a key", () => {
  test.each([
    [
      "a definition",
      "/v1/definitions",
      "POST",
      { process: "bin", version: "1.0.0", machine: { initial: "a", states: { a: {} } } },
    ],
    [
      "a definition with errors",
      "/v1/definitions",
      "POST",
      { process: "bin", version: "2.0.0", machine: {} },
    ],
    ["a default", "/v1/definitions/parcel/default", "PUT", { version: "1.0.0" }],
    ["an unknown default", "/v1/definitions/parcel/default", "PUT", { version: "9.0.0" }],
    ["a test clock", "/v1/test-clocks", "POST", {}],
    ["an unknown clock", "/v1/test-clocks/none/advance", "POST", { to: "2030-01-01T00:00:00Z" }],
    ["an API key", "/v1/api-keys", "POST", { name: "parts warehouse", roles: ["worker"] }],
    ["a webhook", "/v1/webhooks", "POST", { url: "https://example.com/hook", events: ["*"] }],
    [
      "a message that is kept",
      "/v1/messages",
      "POST",
      {
        name: "DELIVER",
        correlation: { businessKey: "none" },
        payload: { signature: "G. H." },
        ttlSeconds: 60,
      },
    ],
    [
      "a message that nobody waits for",
      "/v1/messages",
      "POST",
      { name: "DELIVER", correlation: { businessKey: "none" }, payload: { signature: "G. H." } },
    ],
    ["an unknown job", "/v1/jobs/none.1/complete", "POST", {}],
    ["an unknown task", "/v1/tasks/none.1.1/claim", "POST", {}],
    ["an unknown incident", "/v1/incidents/none.1/retry", "POST", { reason: "again" }],
  ] as const)("%s is answered the same", async (_what, path, method, body) => {
    const headers = keyed(fresh());
    const first = await ask(path, { method, body, headers });
    const again = await ask(path, { method, body, headers });
    expectReplay(again, first);
  });

  test("that tells a secret tells it again, and the database holds it nowhere", async () => {
    const headers = keyed(fresh());
    const body = { name: "till", roles: ["worker"] };
    const first = await ask("/v1/api-keys", { body, headers });
    const secret = /ssk_[\w-]+/.exec(first.text)?.[0] ?? "";
    expect(secret).not.toBe("");
    expectReplay(await ask("/v1/api-keys", { body, headers }), first);
    const { rows } = await sql`select * from idempotency`.execute(server.database.db);
    expect(JSON.stringify(rows)).not.toContain(secret);
    const { items } = (await ask("/v1/api-keys")).body;
    expect(items.filter(({ name }: { name: string }) => name === "till")).toHaveLength(1);
  });

  test("a clock that went on is answered as it was", async () => {
    const { id } = (await ask("/v1/test-clocks", { body: { now: "2030-01-01T00:00:00Z" } })).body;
    const advance = (to: string, key: string) =>
      ask(`/v1/test-clocks/${id}/advance`, { body: { to }, headers: keyed(key) });
    const key = fresh();
    const first = await advance("2030-01-02T00:00:00Z", key);
    expect(first.status).toBe(200);
    await advance("2030-01-03T00:00:00Z", fresh());
    expectReplay(await advance("2030-01-02T00:00:00Z", key), first);
  });
});

describe("a write of which the transaction fails at its end", () => {
  test("is answered without a word of what it would have made", async () => {
    const failing = await embeddedServer({}, (store) => ({
      ...store,
      idempotency: {
        ...store.idempotency,
        once: (key, work) =>
          store.idempotency.once(key, async (inner) => {
            await work(inner);
            throw new StoreUnavailable("planted");
          }),
      },
    }));
    const headers = keyed(fresh());
    const answer = await asking(failing)("/v1/test-clocks", { body: {}, headers });
    expect(answer).toMatchObject({ status: 503, body: { code: "database-unavailable" } });
    expect(answer.headers.get("location")).toBeNull();
    await failing.close();
  });
});

describe("the OpenAPI document", () => {
  /** These write nothing. */
  const ASKING = ["/v1/definitions/check", "/events:preview", "/verify"];
  const OF_AN_ORDER = /^\/v1\/(work-orders\/\{id\}\/events|(tasks|incidents|jobs)\/\{id\}\/)/;

  test("says of every write that it takes a key, and of an order's that it takes If-Match", async () => {
    const { paths } = (await ask("/openapi.json")).body;
    const without: string[] = [];
    let writes = 0;
    for (const [path, operations] of Object.entries<object>(paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        if (method === "get" || ASKING.some((asking) => path.endsWith(asking))) continue;
        writes += 1;
        const parameters: readonly { in: string; name: string }[] = operation.parameters ?? [];
        const headers = new Set(
          parameters.flatMap((each) => (each.in === "header" ? [each.name.toLowerCase()] : [])),
        );
        if (!headers.has("idempotency-key")) without.push(`${method} ${path}: key`);
        const isOfAnOrder = OF_AN_ORDER.test(path) && !path.endsWith("/extend");
        if (isOfAnOrder && !headers.has("if-match")) without.push(`${method} ${path}: If-Match`);
      }
    }
    expect(without).toEqual([]);
    expect(writes).toBeGreaterThan(20);
  });
});

describe("the header", () => {
  test.each(['""', "", " ", "a b", '"a', 'a"b c"', '"a\\b"', "ä", "x".repeat(256), '"a";b=1'])(
    "%j is refused",
    async (key) => {
      const answer = await ask("/v1/test-clocks", { body: {}, headers: keyed(key) });
      expect(answer).toMatchObject({ status: 400, body: { code: "header-invalid" } });
    },
  );

  test("names the same request with and without quotes, and up to 255 characters", async () => {
    const key = "x".repeat(255);
    const first = await ask("/v1/test-clocks", { body: {}, headers: keyed(key) });
    expectReplay(await ask("/v1/test-clocks", { body: {}, headers: keyed(`"${key}"`) }), first);
  });
});
