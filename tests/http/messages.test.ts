/** `/v1/messages`: news from outside for the order that waits, told in the HTTP contract's words. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../machines/json.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
let courier: string;
let made = 0;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  await publish(ask, PARCEL);
  courier = await tokenFor("courier", { sub: "carl" });
});
afterAll(() => server.close());

const businessKey = () => `P-${(made += 1)}`;

async function parcel(key: string): Promise<string> {
  const body = { process: "parcel", businessKey: key, data: { to: "Ann", weight: 3 } };
  return (await ask("/v1/work-orders", { body })).body.id;
}

const send = (body: Json, headers = {}, token = courier) =>
  ask("/v1/messages", { body, headers, token });

describe("POST /v1/messages", () => {
  test("answers the order that took it, with its entity tag", async () => {
    const key = businessKey();
    const id = await parcel(key);
    const answer = await send({ name: "PICK_UP", correlation: { businessKey: key } });
    expect(answer).toMatchObject({ status: 200, body: { id, state: "underWay", revision: 2 } });
    expect(answer.headers.get("etag")).toBe('"2"');
  });

  test("answers 404 when no order waits, 409 with the orders when several do", async () => {
    const key = businessKey();
    const correlation = { businessKey: key };
    const none = await send({ name: "PICK_UP", correlation });
    expect(none).toMatchObject({ status: 404, body: { code: "message-unmatched" } });
    const ids = [await parcel(key), await parcel(key)];
    const several = await send({ name: "PICK_UP", correlation });
    expect(several).toMatchObject({ status: 409, body: { code: "message-ambiguous" } });
    expect(several.body.orders.toSorted()).toEqual(ids.toSorted());
  });

  test("answers 202 with the message that is kept, and where to ask for it", async () => {
    const key = businessKey();
    const body = { name: "PICK_UP", correlation: { businessKey: key }, ttlSeconds: 600 };
    const answer = await send(body);
    expect(answer).toMatchObject({
      status: 202,
      body: { state: "kept", correlation: body.correlation },
    });
    const path = answer.headers.get("location") ?? "";
    expect((await ask(path, { token: courier })).body).toEqual(answer.body);
    const list = await ask("/v1/messages?state=kept", { token: courier });
    expect(list.body.items[0]).toEqual(answer.body);
    const id = await parcel(key);
    await expect
      .poll(async () => (await ask(path)).body)
      .toMatchObject({ state: "delivered", order: id });
    expect(await ask(path, { method: "DELETE" })).toMatchObject({
      status: 409,
      body: { code: "message-ended" },
    });
  });

  test("takes effect once under its idempotency key, kept or sent", async () => {
    const key = businessKey();
    const body = { name: "PICK_UP", correlation: { businessKey: key }, ttlSeconds: 600 };
    const headers = { "Idempotency-Key": `k-${key}` };
    const [first, second] = [await send(body, headers), await send(body, headers)];
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    await ask(`/v1/messages/${first.body.id}`, { method: "DELETE", token: courier });
    const id = await parcel(key);
    const again = { "Idempotency-Key": `again-${key}` };
    const answers = await Promise.all([1, 2, 3].map(() => send(body, again)));
    const last = await send(body, again);
    expect(last).toMatchObject({ status: 200, body: { id, revision: 2 } });
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect((await ask(`/v1/work-orders/${id}`)).body.revision).toBe(2);
  });

  test("points at what is wrong in the body", async () => {
    const sealed = await send({ name: "PICK_UP", correlation: { to: "Ann" } });
    expect(sealed).toMatchObject({
      status: 422,
      body: { code: "correlation-invalid", errors: [{ pointer: "/correlation/to" }] },
    });
    const payload = { name: "DELIVER", correlation: { weight: 9 }, payload: {}, ttlSeconds: 1 };
    expect(await send(payload)).toMatchObject({
      status: 422,
      body: { code: "payload-invalid", errors: [{ pointer: "/payload/signature" }] },
    });
  });

  test.each<[string, Json]>([
    ["no correlation", {}],
    ["too many fields", Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`f${n}`, 1]))],
    ["an object as value", { weight: { amount: 1 } }],
    ["null as value", { weight: null }],
    ["a number as business key", { businessKey: 1 }],
    ["a path into a list", { "weight.0": 1 }],
    ["an empty part", { "weight..a": 1 }],
    ["a quote in a path", { "weight'--": 1 }],
    ["a brace in a path", { "weight,a}": 1 }],
    ["a path without an end", { [Array.from({ length: 17 }, () => "a").join(".")]: 1 }],
    ["a long path", { ["a".repeat(201)]: 1 }],
    ["a long value", { weight: "x".repeat(201) }],
  ])("refuses %s", async (_, correlation) => {
    const { status, body } = await send({ name: "PICK_UP", correlation });
    expect([status, body.code]).toEqual([422, "request-invalid"]);
    expect(body.errors[0].pointer).toMatch(/^\/correlation/);
  });

  test.each([
    '{"name":"PICK_UP","correlation":{"__proto__":1}}',
    '{"name":"PICK_UP","correlation":{"constructor":1}}',
    '{"name":"PICK_UP","correlation":{"weight":1e999}}',
    '{"name":"PICK_UP","correlation":{"weight":"\\u0000"}}',
    '{"name":"PICK_UP","correlation":{"weight":"\\ud800"}}',
    '{"name":"PICK_UP\\u0000","correlation":{"weight":1}}',
    '{"name":"PICK_UP","correlation":{"weight":1,"weight":2}}',
    '{"name":"PICK_UP","correlation":{"weight":1},"ttlSeconds":0}',
    '{"name":"PICK_UP","correlation":{"weight":1},"ttlSeconds":2592001}',
    '{"name":"PICK_UP","correlation":{"weight":1},"ttlSeconds":1.5}',
    '{"name":"toString","correlation":{"weight":1}}',
    '{"name":"__proto__","correlation":{"weight":1}}',
    '{"name":"PICK_UP","correlation":{"toString.length":0}}',
    '{"name":"PICK_UP","correlation":{"weight":-0}}',
    '{"name":"PICK_UP","correlation":{"weight":1e300}}',
  ])("answers %s with a problem of the caller's", async (body) => {
    const answer = await send(body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  test("is not for those who only read", async () => {
    const body = { name: "PICK_UP", correlation: { weight: 3 } };
    expect((await send(body, {}, await tokenFor("auditor"))).status).toBe(403);
  });
});
