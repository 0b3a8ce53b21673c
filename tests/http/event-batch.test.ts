/** Many events in one request: each line as if it came alone, and the request as a whole within its limits. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "../../machines/json.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
let courier: string;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  courier = await tokenFor("courier", { sub: "bo", centres: ["sh-01"] });
  await publish(ask, PARCEL);
}, 60_000);

afterAll(() => server.close());

async function parcel(centre = "sh-01"): Promise<string> {
  const body = { process: "parcel", centre, data: { to: "Grace Hopper" } };
  return (await ask("/v1/work-orders", { body })).body.id;
}

function batch(
  events: Json,
  headers: { readonly [name: string]: string } = {},
  token = courier,
): Promise<Answer> {
  return ask("/v1/events:batch", { body: { events }, headers, token });
}

const revision = async (id: string): Promise<number> =>
  (await ask(`/v1/work-orders/${id}`)).body.revision;

describe("a batch", () => {
  test("is taken as a bare list of lines, too, and says where one does not fit", async () => {
    const id = await parcel();
    const lines = [{ id, type: "PICK_UP" }];
    const headers = { "idempotency-key": "bare" };
    const answer = await ask("/v1/events:batch", { body: lines, headers, token: courier });
    expect(answer.body.items).toMatchObject([{ status: 200, order: { id, revision: 2 } }]);
    const again = await ask("/v1/events:batch", { body: lines, headers, token: courier });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const wrong = await ask("/v1/events:batch", {
      body: [...lines, { id, type: 7, more: 1 }],
      token: courier,
    });
    expect([wrong.status, wrong.body.errors]).toEqual([
      422,
      [
        { pointer: "/1/type", message: "expected a text, found 7" },
        { pointer: "/1/more", message: "unknown here" },
      ],
    ]);
  });

  test("answers each line in its place, as if it came alone", async () => {
    const [one, two, elsewhere] = [await parcel(), await parcel(), await parcel("bj-02")];
    const unknown = "00000000-0000-4000-8000-000000000000";
    const answer = await batch([
      { id: one, type: "PICK_UP" },
      { id: two, type: "DELIVER", payload: { signature: "G. H." } },
      { id: unknown, type: "PICK_UP" },
      { id: elsewhere, type: "PICK_UP" },
      { id: one, type: "DELIVER", payload: { signature: 7 } },
      { id: one, type: "DELIVER", payload: { signature: "G. H." } },
      { id: two, type: "NOTHING", payload: {} },
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body.items).toMatchObject([
      { status: 200, order: { id: one, revision: 2 }, etag: '"2"', replayed: false },
      { status: 409, problem: { code: "event-not-enabled" }, replayed: false },
      { status: 404, problem: { code: "not-found", status: 404 } },
      { status: 404, problem: { code: "not-found" } },
      {
        status: 422,
        problem: { code: "payload-invalid", errors: [{ pointer: "/payload/signature" }] },
      },
      { status: 200, order: { id: one, revision: 3, status: "done" } },
      { status: 422, problem: { code: "event-unknown" } },
    ]);
    const single = await ask(`/v1/work-orders/${one}`, { token: courier });
    expect(answer.body.items[5].order).toEqual(single.body);
  });

  test("of a thousand lines takes those of one order in their order", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => parcel()));
    const turns = ["PICK_UP", "MISS", "MISS"];
    const lines = Array.from({ length: 1_000 }, (_, index) => ({
      id: ids[index % 20] ?? "",
      type: turns[Math.floor(index / 20)] ?? "MISS",
    }));
    const started = performance.now();
    const { body } = await batch(lines, { Prefer: "return=minimal" });
    const seconds = (performance.now() - started) / 1_000;
    const statuses = body.items.map((item: { status: number }) => item.status);
    expect(statuses).toEqual(lines.map((_, index) => (index < 60 ? 200 : 409)));
    expect(await Promise.all(ids.map(revision))).toEqual(ids.map(() => 4));
    console.log(`1,000 lines for 20 orders: ${seconds.toFixed(2)} s`);
  }, 60_000);

  test("leaves the orders out when that is preferred", async () => {
    const id = await parcel();
    const answer = await batch([{ id, type: "PICK_UP" }], {
      Prefer: "wait=5, Return=minimal; x=1",
    });
    expect(answer.headers.get("preference-applied")).toBe("return=minimal");
    expect(answer.body.items).toEqual([{ status: 200, etag: '"2"', replayed: false }]);
  });

  test("meets each line's own condition", async () => {
    const id = await parcel();
    const { body } = await batch([
      { id, type: "PICK_UP", ifMatch: '"2"' },
      { id, type: "PICK_UP", ifMatch: 'W/"1"' },
      { id, type: "PICK_UP", ifMatch: '"7", "1"' },
      { id, type: "MISS", ifMatch: "*" },
    ]);
    expect(body.items).toMatchObject([
      { status: 412, problem: { code: "revision-mismatch", currentRevision: 1 } },
      { status: 412 },
      { status: 200 },
      { status: 200, etag: '"3"' },
    ]);
  });

  test.each([
    ["no line", []],
    ["an unknown member", [{ id: "01980c3e-6c1a-7000-8000-0123456789ab", type: "A", extra: 1 }]],
    ["no id", [{ type: "A" }]],
    ["a bad condition", [{ id: "01980c3e-6c1a-7000-8000-0123456789ab", type: "A", ifMatch: "7" }]],
    [
      "a bad key",
      [{ id: "01980c3e-6c1a-7000-8000-0123456789ab", type: "A", idempotencyKey: "a b" }],
    ],
    [
      "1,001 lines",
      Array.from({ length: 1_001 }, () => ({
        id: "01980c3e-6c1a-7000-8000-0123456789ab",
        type: "A",
      })),
    ],
  ])("with %s is refused as a whole, and nothing is done", async (_what, wrong) => {
    const id = await parcel();
    const good = wrong.length === 0 ? [] : [{ id, type: "PICK_UP" }];
    const answer = await batch([...good, ...wrong]);
    expect(answer).toMatchObject({ status: 422, body: { code: "request-invalid" } });
    expect(await revision(id)).toBe(1);
  });
});

describe("a batch that is sent again", () => {
  test("under one key takes no line twice, and answers the same", async () => {
    const ids = await Promise.all([parcel(), parcel(), parcel()]);
    const lines = [...ids, ids[0] ?? ""].map((id) => ({ id, type: "PICK_UP" }));
    const headers = { "Idempotency-Key": "batch-1" };
    const first = await batch(lines, headers);
    expect(first.body.items).toMatchObject([
      { status: 200 },
      { status: 200 },
      { status: 200 },
      { status: 409 },
    ]);
    await batch([{ id: ids[1] ?? "", type: "MISS" }]);
    const again = await batch(lines, headers);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.text.replaceAll('"replayed":true', '"replayed":false')).toBe(first.text);
    expect(await Promise.all(ids.map(revision))).toEqual([2, 3, 2]);
  });

  test("goes on where the first one was cut off", async () => {
    const [one, two] = [await parcel(), await parcel()];
    const headers = { "Idempotency-Key": "batch-2" };
    await batch([{ id: one, type: "PICK_UP" }], headers);
    const whole = await batch(
      [
        { id: one, type: "PICK_UP" },
        { id: two, type: "PICK_UP" },
      ],
      headers,
    );
    expect(whole.body.items).toMatchObject([
      { status: 200, replayed: true },
      { status: 200, replayed: false },
    ]);
    expect(whole.headers.get("idempotency-replayed")).toBeNull();
  });

  test("knows a line by its own key, wherever it stands", async () => {
    const [one, two] = [await parcel(), await parcel()];
    const line = { id: one, type: "PICK_UP", idempotencyKey: "line-1" };
    await batch([line]);
    const { body } = await batch([
      { id: two, type: "PICK_UP", idempotencyKey: "line-2" },
      line,
      { ...line, id: two },
    ]);
    expect(body.items).toMatchObject([
      { status: 200, replayed: false },
      { status: 200, replayed: true },
      { status: 422, problem: { code: "idempotency-key-reused" }, replayed: false },
    ]);
  });
});
