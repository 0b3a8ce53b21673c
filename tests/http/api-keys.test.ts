/** `/v1/api-keys`: made once and told once, good for what it says, and out of reach of those whom it outreaches. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
let shanghai: string;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  await publish(ask, PARCEL);
  shanghai = await tokenFor("admin", { sub: "sh-admin", centres: ["sh-01", "sh-02"] });
});
afterAll(() => server.close());

const path = "/v1/api-keys";
const wanted = { name: "courier app", roles: ["courier"], centres: ["sh-01"] };

async function made(body: object = wanted, token?: string): Promise<Answer["body"]> {
  const answer = await ask(path, { body: { ...body }, ...(token === undefined ? {} : { token }) });
  expect(answer.status).toBe(201);
  return answer.body;
}

describe("an API key", () => {
  test("is told once, with where to read about it", async () => {
    const answer = await ask(path, { body: { ...wanted, expiresInSeconds: 3600 } });
    const { id, key, ...rest } = answer.body;
    expect(key).toMatch(/^ssk_[0-9a-f]{32}_[\w-]{43}$/);
    expect(rest).toMatchObject({ ...wanted, sub: `api-key:${id}`, createdBy: "some-admin" });
    expect(Date.parse(rest.expiresAt) - Date.parse(rest.createdAt)).toBe(3_600_000);
    expect(answer.headers.get("location")).toBe(`${path}/${id}`);
    const seen = await ask(`${path}/${id}`);
    expect(seen.body).toEqual({ id, ...rest });
    // It may hold the character that stands before it, too.
    const secret = key.slice("ssk__".length + 32);
    expect(secret).toHaveLength(43);
    expect((await ask(path)).text).not.toContain(secret);
  });

  test("acts in its roles and centres, as itself, and in no others", async () => {
    const { key, sub } = await made();
    const create = (centre: string) =>
      ask("/v1/work-orders", {
        token: key,
        body: { process: "parcel", centre, data: { to: "Ann" } },
      });
    expect((await create("bj-01")).body.code).toBe("centre-not-allowed");
    const order = (await create("sh-01")).body;
    const events = `/v1/work-orders/${order.id}/events`;
    expect((await ask(events, { token: key, body: { type: "PICK_UP" } })).status).toBe(200);
    const history = await ask(`/v1/work-orders/${order.id}/history`);
    expect(history.body.items[1].actor).toMatchObject({ sub, role: "courier" });
    expect((await ask(path, { token: key })).body.code).toBe("role-not-allowed");
  });

  test("is made, seen, rotated and revoked by admins only", async () => {
    const { id } = await made();
    for (const role of ["manager", "auditor", "courier"]) {
      const token = await tokenFor(role);
      for (const [method, at, body] of [
        ["POST", path, wanted],
        ["GET", path, undefined],
        ["GET", `${path}/${id}`, undefined],
        ["POST", `${path}/${id}/rotate`, {}],
        ["DELETE", `${path}/${id}`, undefined],
      ] as const) {
        const answer = await ask(at, { method, token, ...(body === undefined ? {} : { body }) });
        expect([answer.status, answer.body.code], `${role} ${method} ${at}`).toEqual([
          403,
          "role-not-allowed",
        ]);
      }
    }
  });

  test("reaches no further than its maker, and looks absent to those whom it outreaches", async () => {
    const body = { name: "x", roles: ["courier"] };
    expect((await made(body, shanghai)).centres).toEqual(["sh-01", "sh-02"]);
    for (const centres of ["*", ["bj-01"], ["sh-01", "bj-01"]]) {
      const answer = await ask(path, { token: shanghai, body: { ...body, centres } });
      expect([answer.status, answer.body.code]).toEqual([403, "centre-not-allowed"]);
    }
    const { id } = await made({ ...wanted, centres: ["sh-01", "bj-01"] });
    const absent = `${path}/01980c3e-6c1a-7000-8000-0123456789ab`;
    for (const [method, end, sent] of [
      ["GET", "", undefined],
      ["POST", "/rotate", {}],
      ["DELETE", "", undefined],
    ] as const) {
      const of = (at: string) =>
        ask(`${at}${end}`, {
          method,
          token: shanghai,
          ...(sent === undefined ? {} : { body: sent }),
        });
      const [foreign, none] = [await of(`${path}/${id}`), await of(absent)];
      expect([foreign.status, foreign.body.code]).toEqual([404, "not-found"]);
      expect(foreign.body.detail.replace(id, "")).toBe(
        none.body.detail.replace(absent.split("/")[3], ""),
      );
    }
    const listed = (await ask(`${path}?limit=500`, { token: shanghai })).body.items;
    expect(listed.every(({ centres }: { centres: readonly string[] }) => centres.length <= 2)).toBe(
      true,
    );
    expect(JSON.stringify(listed)).not.toContain(id);
  });

  test("goes on with both secrets while a rotation overlaps", async () => {
    const { id, key } = await made();
    const rotated = await ask(`${path}/${id}/rotate`, { body: { overlapSeconds: 60 } });
    expect(rotated.body).toMatchObject({ id, rotatedAt: expect.any(String) });
    expect(rotated.body.key).not.toBe(key);
    for (const token of [key, rotated.body.key]) {
      expect((await ask("/v1/work-orders", { token })).status).toBe(200);
    }
  });

  test("is refused when it was revoked, and says why", async () => {
    const { id, key } = await made();
    expect((await ask(`${path}/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await ask(`${path}/${id}`)).status).toBe(404);
    expect((await ask(`${path}/${id}`, { method: "DELETE" })).status).toBe(404);
    const answer = await ask("/v1/work-orders", { token: key });
    expect([answer.status, answer.body.code]).toEqual([401, "authentication-required"]);
    expect(answer.body.detail).toContain("revoked");
  });

  test("is made once under an idempotency key, and told again to whoever has that key", async () => {
    const headers = { "Idempotency-Key": "make-one" };
    const [first, second] = [
      await ask(path, { body: wanted, headers }),
      await ask(path, { body: wanted, headers }),
    ];
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.text).toBe(first.text);
    const rotate = `${path}/${first.body.id}/rotate`;
    const again = { body: { overlapSeconds: 5 }, headers: { "Idempotency-Key": "rotate-one" } };
    expect((await ask(rotate, again)).text).toBe((await ask(rotate, again)).text);
    const revoke = { method: "DELETE", headers: { "Idempotency-Key": "revoke-one" } } as const;
    const at = `${path}/${first.body.id}`;
    expect([(await ask(at, revoke)).status, (await ask(at, revoke)).status]).toEqual([204, 204]);
  });

  test.each([
    ["no role", { ...wanted, roles: [] }],
    ["a role that is no name", { ...wanted, roles: ["Some Role"] }],
    ["no centre", { ...wanted, centres: [] }],
    ["no name", { ...wanted, name: "" }],
    ["an end that is past", { ...wanted, expiresInSeconds: 0 }],
    ["an unknown field", { ...wanted, admin: true }],
  ])("with %s is not made", async (_what, body) => {
    const answer = await ask(path, { body });
    expect([answer.status, answer.body.code]).toEqual([422, "request-invalid"]);
  });
});
