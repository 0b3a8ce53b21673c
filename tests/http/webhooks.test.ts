/** `/v1/webhooks`: registered by admins, shown to whom all their centres show, and their deliveries looked after. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { received, listener, type Listener } from "../support/webhook-receiver.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor, type Asking } from "./server.ts";

const WEBHOOK = { url: "https://erp.example.com/hook", events: ["*"] };

describe("webhooks over HTTP", () => {
  let ask: Asking;
  let close = async (): Promise<void> => {};
  const listeners: Listener[] = [];
  beforeAll(async () => {
    const server = await embeddedServer();
    ask = asking(server);
    close = server.close;
    await publish(ask, PARCEL);
  });
  afterEach(async () => {
    for (const { id } of (await ask("/v1/webhooks")).body.items) {
      await ask(`/v1/webhooks/${id}`, { method: "DELETE" });
    }
    await Promise.all(listeners.splice(0).map((each) => each.close()));
  });
  afterAll(() => close());

  const here = async (
    answer: Parameters<typeof listener>[0],
  ): Promise<Listener & { hook: string }> => {
    const listening = await listener(answer);
    listeners.push(listening);
    return { ...listening, hook: listening.url.replace("127.0.0.1", "localhost") };
  };

  test("are registered with a secret that is told once, read, listed, changed and removed", async () => {
    const made = await ask("/v1/webhooks", { body: { ...WEBHOOK, description: "ERP" } });
    expect(made.status).toBe(201);
    const { secret, ...shown } = made.body;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toMatchObject({
      ...{ url: WEBHOOK.url, events: ["*"], description: "ERP", roles: ["admin"], centres: "*" },
      ...{ disabled: false, disabledBecause: null, previousSecretsUntil: [] },
    });
    const path = made.headers.get("location") ?? "";
    expect((await ask(path)).body).toEqual(shown);
    expect((await ask("/v1/webhooks")).body).toEqual({ items: [shown], nextCursor: null });
    const patch = { events: ["sevenstep.incident.*"], disabled: true, description: null };
    const changed = await ask(path, { method: "PATCH", body: patch });
    expect(changed.body).toMatchObject({ ...patch, disabledBecause: "requested" });
    expect((await ask(`${path}/test`, { method: "POST" })).body.code).toBe("webhook-disabled");
    expect((await ask(path, { method: "DELETE" })).status).toBe(204);
    expect((await ask(path)).status).toBe(404);
    expect((await ask(path, { method: "DELETE" })).status).toBe(404);
  });

  test.each([
    ["ftp://erp.example.com/", "webhook-url-refused"],
    ["erp.example.com", "webhook-url-refused"],
    ["http://erp.example.com/", "webhook-url-refused"],
    ["https://user:secret@erp.example.com/", "webhook-url-refused"],
    ["https://erp.example.com/#here", "webhook-url-refused"],
    ["https://127.0.0.1/", "webhook-url-refused"],
    ["https://2130706433/", "webhook-url-refused"],
    ["https://0x7f.1/", "webhook-url-refused"],
    ["https://[::ffff:10.0.0.1]/", "webhook-url-refused"],
    ["https://169.254.169.254/latest/meta-data", "webhook-url-refused"],
    ["", "request-invalid"],
  ])("a webhook to %s is refused", async (url, code) => {
    const answer = await ask("/v1/webhooks", { body: { ...WEBHOOK, url } });
    expect([answer.status, answer.body.code]).toEqual([422, code]);
    expect(answer.body.errors[0].pointer).toBe("/url");
  });

  test.each([
    [{ url: `https://erp.example.com/${"x".repeat(2048)}` }, "/url"],
    [{ events: [] }, "/events"],
    [{ events: ["sevenstep.workorder.created"] }, "/events/0"],
    [{ events: ["sevenstep.effect.a.b"] }, "/events/0"],
    [{ events: ["other.*"] }, "/events/0"],
    [{ secret: "whsec_short" }, "/secret"],
    [{ secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=" }, "/secret"],
    [{ colour: "red" }, "/colour"],
  ])("a webhook with another member, number %#, is refused", async (wrong, pointer) => {
    const answer = await ask("/v1/webhooks", { body: { ...WEBHOOK, ...wrong } });
    expect([answer.status, answer.body.code]).toEqual([422, "request-invalid"]);
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });

  test("only admins of all its centres know of a webhook", async () => {
    const north = await tokenFor("admin", { centres: ["north"] });
    const both = await tokenFor("admin", { centres: ["north", "south"] });
    const made = await ask("/v1/webhooks", { token: both, body: WEBHOOK });
    expect(made.body.centres).toEqual(["north", "south"]);
    const path = `/v1/webhooks/${made.body.id}`;
    const operations = [
      ["GET", path, undefined],
      ["PATCH", path, { disabled: true }],
      ["DELETE", path, undefined],
      ["POST", `${path}/rotate-secret`, {}],
      ["GET", `${path}/deliveries`, undefined],
      ["POST", `${path}/deliveries/x/resend`, undefined],
      ["POST", `${path}/test`, undefined],
    ] as const;
    for (const [method, at, body] of operations) {
      const asked = { method, ...(body === undefined ? {} : { body }) };
      expect((await ask(at, { ...asked, token: north })).status).toBe(404);
      const technician = await tokenFor("courier");
      expect((await ask(at, { ...asked, token: technician })).body.code).toBe("role-not-allowed");
    }
    expect((await ask("/v1/webhooks", { token: north })).body.items).toEqual([]);
    expect((await ask(path, { token: both })).status).toBe(200);
  });

  test("a registration sent again under its key answers the same secret, and registers once", async () => {
    const headers = { "Idempotency-Key": "register-erp" };
    const one = await ask("/v1/webhooks", { body: WEBHOOK, headers });
    const two = await ask("/v1/webhooks", { body: WEBHOOK, headers });
    expect(two.text).toBe(one.text);
    expect(two.headers.get("idempotency-replayed")).toBe("true");
    expect((await ask("/v1/webhooks")).body.items).toHaveLength(1);
  });

  test("an order's events reach a socket, verify across a rotation, and are listed", async () => {
    const receiver = await here((response) => response.writeHead(204).end());
    const made = await ask("/v1/webhooks", {
      body: { ...WEBHOOK, url: `${receiver.hook}?token=in-the-query` },
    });
    const path = `/v1/webhooks/${made.body.id}`;
    const order = await ask("/v1/work-orders", {
      body: { process: "parcel", data: { to: "Ann" } },
    });
    await until(() => receiver.requests.length === 1);
    const rotated = await ask(`${path}/rotate-secret`, { body: {} });
    expect(rotated.body.previousSecretsUntil).toHaveLength(1);
    const picked = await ask(`/v1/work-orders/${order.body.id}/events`, {
      token: await tokenFor("courier"),
      body: { type: "PICK_UP" },
    });
    expect(picked.status).toBe(200);
    await until(() => receiver.requests.length === 2);
    const [first, second] = receiver.requests;
    if (first === undefined || second === undefined) throw new Error("expected two requests");
    const { event } = received(made.body.secret, first.headers, first.body);
    expect(event).toMatchObject({
      type: "sevenstep.work-order.created",
      source: `/v1/work-orders/${order.body.id}`,
      ...{ subject: order.body.id, process: "parcel", processversion: "1.0.0", revision: 1 },
      data: {
        order: { id: order.body.id, process: "parcel", revision: 1 },
        entry: { type: "order.started", payload: { data: { to: "Ann" } } },
      },
    });
    expect(() => received(rotated.body.secret, first.headers, first.body)).toThrow("signature");
    for (const secret of [made.body.secret, rotated.body.secret]) {
      expect(received(secret, second.headers, second.body).event).toMatchObject({
        type: "sevenstep.work-order.changed",
        data: { step: "delivery", entry: { type: "PICK_UP", after: "underWay" } },
      });
    }
    const delivered = async () => (await ask(`${path}/deliveries?state=delivered`)).body.items;
    await until(async () => (await delivered()).length === 2);
    expect(await delivered()).toMatchObject([
      {
        ...{ id: `${order.body.id}_2_changed`, order: order.body.id, revision: 2 },
        attempts: [{ status: 204, error: null }],
      },
      { id: `${order.body.id}_1_created`, nextAttemptAt: null },
    ]);
    const ofOrder = async (id: string) => (await ask(`${path}/deliveries?order=${id}`)).body.items;
    expect(await ofOrder(order.body.id.toUpperCase())).toEqual(await delivered());
    expect(await ofOrder("01980c3e-6c1a-7000-8000-0123456789ab")).toEqual([]);
    const again = await ask(`${path}/deliveries/${order.body.id}_1_created/resend`, {
      method: "POST",
    });
    expect([again.status, again.body.state]).toEqual([202, "pending"]);
    await until(() => receiver.requests.length === 3);
    expect(receiver.requests[2]?.headers["webhook-id"]).toBe(`${order.body.id}_1_created`);
    expect(receiver.requests[2]?.body).toBe(first.body);
  });

  test("in roles that take no part, a webhook reads no persons' data", async () => {
    const receiver = await here((response) => response.writeHead(200).end("thanks"));
    await ask("/v1/webhooks", { body: { ...WEBHOOK, url: receiver.hook, roles: ["auditor"] } });
    await ask("/v1/work-orders", { body: { process: "parcel", data: { to: "Grace Hopper" } } });
    await until(() => receiver.requests.length === 1);
    expect(receiver.requests[0]?.body).toContain("sealed:");
    expect(receiver.requests[0]?.body).not.toContain("Grace");
  });

  test("a test goes out whatever the events are, and an endpoint that is gone disables the webhook", async () => {
    const receiver = await here((response) => response.writeHead(410).end());
    const wanted = { url: receiver.hook, events: ["sevenstep.incident.opened"] };
    const made = await ask("/v1/webhooks", { body: wanted });
    const path = `/v1/webhooks/${made.body.id}`;
    const queued = await ask(`${path}/test`, { method: "POST" });
    expect(queued.body).toMatchObject({
      type: "sevenstep.webhook.test",
      order: null,
      revision: null,
    });
    await until(async () => (await ask(path)).body.disabled);
    expect((await ask(path)).body.disabledBecause).toBe("gone");
    const [request] = receiver.requests;
    if (request === undefined) throw new Error("expected a request");
    expect(received(made.body.secret, request.headers, request.body).event).toMatchObject({
      ...{ type: "sevenstep.webhook.test", source: `/v1/webhooks/${made.body.id}` },
      data: { webhook: made.body.id },
    });
    const [delivery] = (await ask(`${path}/deliveries`)).body.items;
    expect(delivery).toMatchObject({ state: "pending", attempts: [{ status: 410 }] });
  });
});

async function until(isTrue: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
