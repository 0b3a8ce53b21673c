/** An order whose stored history was altered: it is told apart, with what to do, and keeps no other order from anybody. */

import { sql } from "kysely";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { problemSchema } from "../../src/http/schemas/problem.ts";
import { GARAGE } from "../runtime/garage.ts";
import { asking, embeddedServer, publish, tokenFor } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

const lines: string[] = [];
const log = pino({ level: "error" }, { write: (line) => lines.push(line) });

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer({ log });
  ask = asking(server);
  await publish(ask, GARAGE);
});
afterAll(() => server.close());
beforeEach(() => {
  lines.length = 0;
});

/** Orders of one centre, the second of them altered where it is stored, and nothing of it kept elsewhere. */
async function damaged(centre: string, alter: (id: string) => ReturnType<typeof sql>) {
  const ids: string[] = [];
  for (const businessKey of ["a", "b", "c"]) {
    const body = { process: "garage", centre, businessKey };
    ids.push((await ask("/v1/work-orders", { body })).body.id);
  }
  const [first = "", second = "", third = ""] = ids;
  await server.store.orders.forgetSnapshots();
  await alter(second).execute(server.database.db);
  return { first, second, third };
}

const anotherLine = (id: string) =>
  sql`update entries set line = replace(line, '"businessKey":"b"', '"businessKey":"B"') where order_id = ${id}`;

describe("a damaged order", () => {
  test("is told of by its id where the others of its page are given", async () => {
    const { first, second, third } = await damaged("c-1", anotherLine);
    for (const [path, idIn] of [
      ["/v1/work-orders?centre=c-1", "id"],
      ["/v1/tasks?centre=c-1", "order"],
    ] as const) {
      lines.length = 0;
      const { status, body } = await ask(path);
      expect([path, status]).toEqual([path, 200]);
      const given: readonly { readonly [member: string]: unknown }[] = body.items;
      expect(new Set(given.map((item) => item[idIn]))).toEqual(new Set([first, third]));
      expect(body.damaged).toHaveLength(1);
      expect(problemSchema.parse(body.damaged[0])).toMatchObject({
        ...{ code: "history-diverged", status: 500, retryable: false, order: second, revision: 1 },
        detail: expect.stringContaining(`/v1/work-orders/${second}/verify`),
      });
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ order: second, revision: 1, field: expect.any(String) }),
      ]);
    }
    const other = await tokenFor("admin", { centres: ["c-9"] });
    expect((await ask("/v1/work-orders", { token: other })).body).toEqual({
      ...{ items: [], nextCursor: null },
    });
  });

  test("leaves no member behind in a page that has none", async () => {
    expect((await ask("/v1/work-orders?centre=nowhere")).body).toEqual({
      ...{ items: [], nextCursor: null },
    });
  });

  test("is a problem with a code where it is asked for by itself, and absent to other centres", async () => {
    const { second } = await damaged("c-2", anotherLine);
    const path = `/v1/work-orders/${second}`;
    const event = { body: { type: "ARRIVE" } };
    for (const answer of [await ask(path), await ask(`${path}/events`, event)]) {
      expect([answer.status, answer.body.code]).toEqual([500, "history-diverged"]);
      expect(answer.body.detail).toContain(`${path}/verify`);
    }
    expect(lines).toHaveLength(2);
    const token = await tokenFor("admin", { centres: ["c-9"] });
    expect((await ask(path, { token })).status).toBe(404);
    expect((await ask(`${path}/events`, { ...event, token })).status).toBe(404);
    const proof = await ask(`${path}/verify`, { method: "POST" });
    expect(proof.body).toMatchObject({ verified: false, firstDivergence: { revision: 1 } });
  });

  test("is found where its last entry is gone, though all that is left follows", async () => {
    const { second } = await damaged("c-3", () => sql`select 1`);
    const path = `/v1/work-orders/${second}`;
    const token = await tokenFor("advisor");
    const moved = await ask(`${path}/events`, { token, body: { type: "ACCEPT" } });
    expect(moved.body.revision).toBe(2);
    await server.store.orders.forgetSnapshots();
    await sql`delete from entries where order_id = ${second} and revision = 2`.execute(
      server.database.db,
    );
    expect((await ask(path)).body.code).toBe("history-diverged");
    expect((await ask("/v1/work-orders?centre=c-3")).body).toMatchObject({
      items: [{}, {}],
      damaged: [{ order: second, revision: 2 }],
    });
    const proof = await ask(`${path}/verify`, { method: "POST" });
    expect(proof.body).toMatchObject({ verified: false, firstDivergence: { revision: 2 } });
  });
});
