/** Work orders over HTTP: what is answered, what is refused and how, and that a refusal writes nothing. */

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { historyEntry, verification } from "../../src/http/schemas/history.ts";
import { problemSchema } from "../../src/http/schemas/problem.ts";
import { workOrder } from "../../src/http/schemas/work-order.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";
import { cpuMsUntil } from "../support/cpu-time.ts";

let server: TestServer;
let ask: Asking;
let courier = "";

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  courier = await tokenFor("courier", { sub: "c-1", centres: ["sh-01"] });
  await publish(ask, PARCEL);
});
afterAll(() => server.close());

const create = (more: object = {}): Promise<Answer> =>
  ask("/v1/work-orders", {
    body: { process: "parcel", centre: "sh-01", data: { to: "Wang Fang" }, ...more },
  });

async function created(): Promise<string> {
  const { body } = await create();
  return `/v1/work-orders/${body.id}`;
}

const event = (order: string, type: string, payload: object = {}, headers = {}): Promise<Answer> =>
  ask(`${order}/events`, { token: courier, body: { type, payload: { ...payload } }, headers });

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(problemSchema.parse(answer.body)).toMatchObject({
    status,
    code,
    type: `/problems/${code}`,
  });
  expect(answer.status).toBe(status);
}

describe("POST /v1/work-orders", () => {
  test("answers 201 with the order, its place and its entity tag", async () => {
    const answer = await create({ businessKey: "P-1" });
    expect(answer.status).toBe(201);
    expect(workOrder.strict().parse(answer.body)).toMatchObject({
      process: "parcel",
      version: "1.0.0",
      businessKey: "P-1",
      centre: "sh-01",
      revision: 1,
      status: "active",
      state: "waiting",
      data: { to: "Wang Fang", attempts: 0 },
    });
    expect(answer.headers.get("etag")).toBe('"1"');
    expect(answer.headers.get("location")).toBe(`/v1/work-orders/${answer.body.id}`);
  });

  test("creates once under one id, and refuses another order under it", async () => {
    const id = "01980c3e-6c1a-7000-8000-0123456789ab";
    expect((await create({ id })).status).toBe(201);
    expect((await create({ id })).status).toBe(200);
    expectProblem(await create({ id, businessKey: "other" }), 409, "id-unavailable");
  });

  test("says of an id that another centre uses no more than of one that is not free", async () => {
    const id = (await create()).body.id;
    const token = await tokenFor("admin", { sub: "elsewhere", centres: ["bj-02"] });
    const asked = (more: object, by = token): Promise<Answer> =>
      ask("/v1/work-orders", {
        body: { id, process: "parcel", data: { to: "Wang Fang" }, ...more },
        token: by,
      });
    const elsewhere = await asked({});
    expectProblem(elsewhere, 409, "id-unavailable");
    const { body: here } = await create({ id, businessKey: "other" });
    expect({ ...elsewhere.body, requestId: null }).toEqual({ ...here, requestId: null });
    expect(elsewhere.text).not.toMatch(/sh-01|revision/);
    // What could create nothing is answered as for an id that is free.
    expectProblem(await asked({ data: { to: 7 } }), 422, "data-invalid");
    expectProblem(await asked({ process: "none" }), 404, "definition-unknown");
    const stranger = await tokenFor("stranger", { centres: ["bj-02"] });
    expectProblem(await asked({}, stranger), 403, "role-not-allowed");
  });

  test("refuses unknown fields, each by its pointer", async () => {
    const answer = await create({ colour: "red", shade: 1 });
    expectProblem(answer, 422, "request-invalid");
    expect(answer.body.errors).toEqual([
      { pointer: "/colour", message: "unknown here" },
      { pointer: "/shade", message: "unknown here" },
    ]);
  });

  test("refuses a process that is not published, and data that do not fit", async () => {
    expectProblem(await create({ process: "letter" }), 404, "definition-unknown");
    expectProblem(await create({ version: "9.0.0" }), 404, "definition-unknown");
    const misfit = await create({ data: { to: "x", weight: -1, colour: "red" } });
    expectProblem(misfit, 422, "data-invalid");
    const pointers = misfit.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers.toSorted()).toEqual(["/data/colour", "/data/weight"]);
  });

  test("lets only who takes part in the process create", async () => {
    const body = { process: "parcel", data: { to: "x" } };
    for (const role of ["auditor", "designer", "technician"]) {
      const token = await tokenFor(role);
      expectProblem(await ask("/v1/work-orders", { token, body }), 403, "role-not-allowed");
    }
  });
});

describe("POST /v1/work-orders/{id}/events", () => {
  test("answers the order after the event", async () => {
    const order = await created();
    const answer = await event(order, "PICK_UP");
    expect(answer.status).toBe(200);
    expect(workOrder.strict().parse(answer.body)).toMatchObject({
      revision: 2,
      state: "underWay",
      step: "delivery",
      tags: ["moving"],
    });
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(answer.body.enabled).toEqual([
      expect.objectContaining({ event: "DELIVER", when: '= event.signature != ""' }),
      expect.objectContaining({ event: "MISS" }),
    ]);
  });

  test.each([
    [
      "an event that the state does not take",
      "DELIVER",
      { signature: "x" },
      409,
      "event-not-enabled",
    ],
    ["an event that the process does not know", "EXPLODE", {}, 422, "event-unknown"],
    ["a forged event of XState's", "xstate.done.state.parcel.waiting", {}, 422, "event-unknown"],
    ["a forged timer", "timer.fired", { timer: "t" }, 422, "event-unknown"],
    ["a forged start", "order.started", {}, 422, "event-unknown"],
    ["a payload with an unknown field", "PICK_UP", { x: 1 }, 422, "payload-invalid"],
  ])("refuses %s, and writes nothing", async (_what, type, payload, status, code) => {
    const order = await created();
    const before = (await ask(`${order}/history`)).text;
    expectProblem(await event(order, type, payload), status, code);
    expect((await ask(`${order}/history`)).text).toBe(before);
    expect((await ask(order)).body.revision).toBe(1);
  });

  test("says with event-not-enabled what the caller may send instead", async () => {
    const order = await created();
    const { body } = await event(order, "MISS");
    expect(body.enabled.map((each: { event: string }) => each.event)).toEqual(["PICK_UP"]);
    expect(body).toHaveProperty("blocked");
  });

  test("says with event-unknown, too, what the caller may send, in the asked language", async () => {
    const order = await created();
    const asked = { headers: { "accept-language": "zh" }, body: { type: "EXPLODE" } };
    const { body } = await ask(`${order}/events`, asked);
    expect(body.detail).toBe("parcel 1.0.0 没有事件“EXPLODE”：请发送 `enabled` 中的事件。");
    expect(body.enabled).toEqual((await ask(order, { headers: asked.headers })).body.enabled);
    expect(body).toHaveProperty("blocked");
  });

  test("names every misfit of a payload by its pointer", async () => {
    const order = await created();
    await event(order, "PICK_UP");
    const { body } = await event(order, "DELIVER", { weight: "heavy", colour: 1 });
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers.toSorted()).toEqual([
      "/payload/colour",
      "/payload/signature",
      "/payload/weight",
    ]);
  });

  test("refuses an event to an order that has ended", async () => {
    const order = await created();
    await event(order, "PICK_UP");
    const done = await event(order, "DELIVER", { signature: "WF" });
    expect(done.body).toMatchObject({ status: "done", outcome: "delivered" });
    expectProblem(await event(order, "MISS"), 409, "order-closed");
  });

  test("acts in the first of the token's roles that may send the event", async () => {
    const order = await created();
    const token = await tokenFor(["receiver", "courier"], { sub: "both" });
    await ask(`${order}/events`, { token, body: { type: "PICK_UP" } });
    await ask(`${order}/events`, { token, body: { type: "DELIVER", payload: { signature: "x" } } });
    const { items } = (await ask(`${order}/history`)).body;
    const roles = items.slice(1).map(({ actor }: { actor: { role: string } }) => actor.role);
    expect(roles).toEqual(["courier", "receiver"]);
  });

  test("refuses a role that may not send it, and an auditor always", async () => {
    const order = await created();
    for (const role of ["sender", "auditor"]) {
      const token = await tokenFor(role);
      const answer = await ask(`${order}/events`, { token, body: { type: "PICK_UP" } });
      expectProblem(answer, 403, "role-not-allowed");
    }
  });
});

describe("If-None-Match", () => {
  const look = (order: string, tags: string): Promise<Answer> =>
    ask(order, { headers: { "If-None-Match": tags } });

  test.each(['"1"', 'W/"1"', '"9", "1"', "*"])(
    "%s is answered 304, without a body",
    async (tags) => {
      const answer = await look(await created(), tags);
      expect(answer).toMatchObject({ status: 304, text: "" });
      expect(answer.headers.get("etag")).toBe('"1"');
    },
  );

  test("is answered with the order as soon as something happened", async () => {
    const order = await created();
    await event(order, "PICK_UP");
    expect(await look(order, '"1"')).toMatchObject({ status: 200, body: { revision: 2 } });
    expect((await look(order, '"2"')).status).toBe(304);
  });

  test("is answered with the order when an incident came or went, which is no revision", async () => {
    await publish(ask, CLOCKED);
    const { body } = await ask("/v1/work-orders", { body: { process: "clocked" } });
    const order = `/v1/work-orders/${body.id}`;
    expect((await look(order, '"1"')).status).toBe(304);
    const incident = { kind: "timer", subject: body.timers[0].id, code: "c", detail: "d" } as const;
    await server.store.incidents.open(body.id, { ...incident, pointer: null });
    expect(await look(order, '"1"')).toMatchObject({ status: 200, body: { status: "incident" } });
    const { items } = (await ask("/v1/incidents")).body;
    await ask(`/v1/incidents/${items[0].id}/retry`, { body: { reason: "again" } });
    expect(await look(order, '"1"')).toMatchObject({ status: 200, body: { status: "active" } });
  });

  test("that can't be read is refused", async () => {
    expectProblem(await look(await created(), "1"), 400, "header-invalid");
  });
});

const CLOCKED = `
process: clocked
version: 1.0.0
machine: { initial: waiting, states: { waiting: { after: { P30D: done } }, done: { type: final } } }
`;

describe("If-Match", () => {
  test.each([['"1"'], ["*"], ['"9", "1"'], ['W/"1", "1"']])(
    "%s lets the event through",
    async (tag) => {
      expect((await event(await created(), "PICK_UP", {}, { "If-Match": tag })).status).toBe(200);
    },
  );

  test.each([['"2"'], ['W/"1"'], ['"one"'], ['"9", "8"']])(
    "%s is a mismatch that names the current revision",
    async (tag) => {
      const order = await created();
      const answer = await event(order, "PICK_UP", {}, { "If-Match": tag });
      expectProblem(answer, 412, "revision-mismatch");
      expect(answer.body.currentRevision).toBe(1);
      expect((await ask(order)).body.revision).toBe(1);
    },
  );

  test("is decided at once, however many tags it names", async () => {
    const tags = Array.from({ length: 2_000 }, (_, index) => `"${index + 2}"`).join();
    const order = await created();
    const took = await cpuMsUntil(async () => {
      const answer = await event(order, "PICK_UP", {}, { "If-Match": tags });
      expectProblem(answer, 412, "revision-mismatch");
    });
    expect(took).toBeLessThan(1_000);
  });

  test("that can't be read is refused as such", async () => {
    const answer = await event(await created(), "PICK_UP", {}, { "If-Match": "1" });
    expectProblem(answer, 400, "header-invalid");
  });
});

describe("events:preview", () => {
  test("gives the answer of sending, writes nothing, and its tag makes the sending safe", async () => {
    const order = await created();
    const body = { type: "PICK_UP" };
    const preview = await ask(`${order}/events:preview`, { token: courier, body });
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({ state: "underWay", revision: 2 });
    expect((await ask(order)).body).toMatchObject({ state: "waiting", revision: 1 });
    const tag = preview.headers.get("etag") ?? "";
    const sent = await event(order, "PICK_UP", {}, { "If-Match": tag });
    expect(sent.body).toMatchObject({ state: "underWay", revision: 2 });
    expectProblem(
      await ask(`${order}/events:preview`, { token: courier, body }),
      409,
      "event-not-enabled",
    );
  });
});

describe("centres", () => {
  test("make another centre's orders look absent, whatever is asked", async () => {
    const order = await created();
    const token = await tokenFor(["courier", "auditor"], { centres: ["bj-02"] });
    const body = { type: "PICK_UP" };
    const absent = await ask("/v1/work-orders/01980c3e-6c1a-7000-8000-00000000dead", { token });
    expectProblem(absent, 404, "not-found");
    for (const [path, more] of [
      ["", {}],
      ["/history", {}],
      ["/at?revision=1", {}],
      ["/verify", { method: "POST" }],
      ["/events", { body }],
      ["/events:preview", { body }],
    ] as const) {
      expectProblem(await ask(`${order}${path}`, { token, ...more }), 404, "not-found");
    }
    const { items } = (await ask("/v1/work-orders?process=parcel", { token })).body;
    expect(items).toEqual([]);
  });

  test("can't be left by creating in another one", async () => {
    const token = await tokenFor("sender", { centres: ["bj-02"] });
    const body = { process: "parcel", centre: "sh-01", data: { to: "x" } };
    expectProblem(await ask("/v1/work-orders", { token, body }), 403, "centre-not-allowed");
  });
});

describe("an order's id", () => {
  test("is one id in capitals and in small letters (RFC 9562 section 4)", async () => {
    const id = crypto.randomUUID();
    expect((await create({ id: id.toUpperCase() })).body).toMatchObject({ id, revision: 1 });
    expect((await create({ id })).status).toBe(200);
    expect((await ask(`/v1/work-orders/${id.toUpperCase()}`)).body.id).toBe(id);
  });
});

describe("GET /v1/work-orders", () => {
  test("pages through every order once, newest change first", async () => {
    const keys = ["L-1", "L-2", "L-3", "L-4", "L-5"];
    for (const businessKey of keys) await create({ businessKey, centre: "list-01" });
    const token = await tokenFor("auditor", { centres: ["list-01"] });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await ask(`/v1/work-orders?limit=2${from}`, { token });
      seen.push(...body.items.map((order: { businessKey: string }) => order.businessKey));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(keys.toReversed());
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=501", "limit"],
    ["limit=x", "limit"],
    ["limit=1&limit=2", "limit"],
    ["status=asleep", "status"],
    ["colour=red", "colour"],
    ["cursor=nonsense", "cursor"],
    ["businessKey=%00", "businessKey"],
  ])("refuses %s by the parameter's name", async (query, parameter) => {
    const answer = await ask(`/v1/work-orders?${query}`);
    expectProblem(answer, 422, "request-invalid");
    expect(answer.body.errors).toEqual([expect.objectContaining({ parameter })]);
  });
});

describe("history, at and verify", () => {
  test("tell the order's past, and that it was not altered", async () => {
    const order = await created();
    await event(order, "PICK_UP");
    const last = await event(order, "MISS");
    const { items } = (await ask(`${order}/history`)).body;
    for (const item of items) historyEntry.parse(item);
    expect(items.map(({ type }: { type: string }) => type)).toEqual([
      "order.started",
      "PICK_UP",
      "MISS",
    ]);
    const rest = (await ask(`${order}/history?after=1&limit=1`)).body;
    expect(rest.items).toHaveLength(1);
    expect(rest.nextCursor).not.toBeNull();

    const then = await ask(`${order}/at?revision=1`);
    expect(workOrder.strict().parse(then.body)).toMatchObject({ revision: 1, state: "waiting" });
    expect(then.headers.get("etag")).toBe('"1"');
    const atTime = await ask(`${order}/at?time=${encodeURIComponent(last.body.updatedAt)}`);
    expect(atTime.body).toMatchObject({ revision: 3, data: { attempts: 1 } });
    expectProblem(await ask(`${order}/at?revision=9`), 404, "not-found");
    for (const [query, found] of [
      ["revision=0", "found 0"],
      ["time=2026-01-01T00:00:00Z", "found 2026-01-01T00:00:00.000Z"],
    ]) {
      const early = await ask(`${order}/at?${query}`);
      expectProblem(early, 404, "not-found");
      expect(early.body.detail).toContain(found);
    }
    expectProblem(await ask(`${order}/at`), 422, "request-invalid");
    expectProblem(
      await ask(`${order}/at?revision=1&time=2026-01-01T00:00:00Z`),
      422,
      "request-invalid",
    );

    const proof = await ask(`${order}/verify`, { method: "POST" });
    expect(verification.strict().parse(proof.body)).toEqual({
      verified: true,
      entries: 3,
      firstDivergence: null,
    });
  });

  test("give a person's data to who takes part, and to no other reader", async () => {
    const order = await created();
    expect((await ask(order, { token: courier })).body.data.to).toBe("Wang Fang");
    const auditor = await tokenFor("auditor");
    const seen = await ask(`${order}/history`, { token: auditor });
    expect(seen.status).toBe(200);
    expect(seen.text).not.toContain("Wang Fang");
    expect((await ask(order, { token: auditor })).text).not.toContain("Wang Fang");
  });
});

describe("GET /v1/work-orders/{id}/history as lines", () => {
  test("gives what is stored, byte for byte: each line's SHA-256 is the next one's prev", async () => {
    const order = await created();
    await event(order, "PICK_UP");
    const entries = await ask(`${order}/history`);
    const answer = await ask(`${order}/history`, { headers: { accept: "application/x-ndjson" } });
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = answer.text.split("\n").slice(0, -1);
    expect(lines).toHaveLength(2);
    const hashes = lines.map((line) => createHash("sha256").update(line).digest("hex"));
    expect(entries.body.items.map(({ hash }: { hash: string }) => hash)).toEqual(hashes);
    expect(lines.map((line) => JSON.parse(line).prev)).toEqual(
      ["0".repeat(64), ...hashes].slice(0, -1),
    );
  });

  test("is refused in any other form", async () => {
    const answer = await ask(`${await created()}/history`, { headers: { accept: "text/html" } });
    expectProblem(answer, 406, "not-acceptable");
  });
});
