/** Lists over HTTP: all are paged by limit and cursor, and a cursor goes with its list and its filters only. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemSchema } from "../../src/http/schemas/problem.ts";
import { GARAGE } from "../runtime/garage.ts";
import { asking, embeddedServer, publish } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
const ids: string[] = [];

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
    await publish(ask, GARAGE.replace("version: 1.0.0", `version: ${version}`));
    await publish(ask, GARAGE.replace("process: garage", `process: g-${version[2] ?? ""}`));
  }
  for (let count = 0; count < 5; count += 1) {
    const body = { process: "garage", businessKey: "预约/1 & 2" };
    ids.push((await ask("/v1/work-orders", { body })).body.id);
  }
});
afterAll(() => server.close());

const KEY = `businessKey=${encodeURIComponent("预约/1 & 2")}`;

function expectRefused(answer: Answer, parameter: string): void {
  expect(answer.status).toBe(422);
  expect(problemSchema.parse(answer.body)).toMatchObject({
    code: "request-invalid",
    errors: [{ parameter }],
  });
}

/** Every item of a list, two at a time. */
async function walk(path: string): Promise<readonly Answer["body"][]> {
  const items = [];
  let cursor = "";
  do {
    const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await ask(`${path}limit=2${from}`);
    expect(answer.status).toBe(200);
    expect(answer.body.items.length).toBeGreaterThan(0);
    expect(answer.body.items.length).toBeLessThanOrEqual(2);
    items.push(...answer.body.items);
    cursor = answer.body.nextCursor ?? "";
  } while (cursor !== "");
  return items;
}

describe("every list", () => {
  test("gives each item once, page by page, also when the last page is full", async () => {
    const orders = await walk(`/v1/work-orders?${KEY}&`);
    expect(orders.map(({ id }) => id)).toEqual(ids.toReversed());
    const tasks = await walk("/v1/tasks?process=garage&");
    expect(tasks.map(({ order }) => order)).toEqual(ids);
    const processes = await walk("/v1/definitions?");
    expect(processes.map(({ process }) => process)).toEqual(["g-0", "g-1", "g-2", "garage"]);
    const versions = await walk("/v1/definitions/garage?");
    expect(versions.map(({ version }) => version)).toEqual(["1.2.0", "1.1.0", "1.0.0"]);
    expect(processes.at(-1)).toMatchObject({
      default: "1.0.0",
      versions: ["1.2.0", "1.1.0", "1.0.0"],
      openOrders: 5,
    });
  });

  test("refuses a cursor of another list, of other filters, or of nobody", async () => {
    const given = async (path: string): Promise<string> =>
      (await ask(`${path}limit=1`)).body.nextCursor;
    const lists = ["/v1/work-orders?", "/v1/tasks?", "/v1/definitions?", "/v1/definitions/garage?"];
    const cursors = await Promise.all(lists.map(given));
    expect(new Set(cursors).size).toBe(lists.length);
    for (const [index, list] of lists.entries()) {
      for (const cursor of cursors.toSpliced(index, 1)) {
        expectRefused(await ask(`${list}cursor=${cursor}`), "cursor");
      }
      for (const cursor of [
        "",
        "x",
        "57",
        "W10",
        "%00",
        encodeURIComponent("😀"),
        "a".repeat(501),
      ]) {
        expectRefused(await ask(`${list}cursor=${cursor}`), "cursor");
      }
    }
    const [orders = "", tasks = ""] = cursors;
    const other = await ask(`/v1/work-orders?overdue=false&cursor=${orders}`);
    expectRefused(other, "cursor");
    expect(other.body.detail).toContain("other filters");
    expectRefused(await ask(`/v1/tasks?role=advisor&cursor=${tasks}`), "cursor");
    expectRefused(await ask(`/v1/definitions/g-0?cursor=${cursors[3] ?? ""}`), "cursor");
    expectRefused(await ask(`/v1/incidents?cursor=${orders}`), "cursor");
  });

  test("refuses a limit beyond 1 to 500, and gives 500", async () => {
    for (const list of ["work-orders", "tasks", "definitions", "definitions/garage", "incidents"]) {
      for (const limit of ["0", "501", "-1", "1e2", "", "x"]) {
        expectRefused(await ask(`/v1/${list}?limit=${limit}`), "limit");
      }
      expect((await ask(`/v1/${list}?limit=500`)).status).toBe(200);
    }
  });
});

describe("work orders", () => {
  test("are found by tag and by what is overdue", async () => {
    const [first = ""] = ids;
    const found = async (query: string): Promise<number> =>
      (await ask(`/v1/work-orders?${query}`)).body.items.length;
    expect(await found("tag=waiting")).toBe(5);
    expect(await found("tag=waiting&overdue=true")).toBe(0);
    expect(await found("overdue=false&tag=waiting")).toBe(5);
    expect(await found("tag=Waiting")).toBe(0);
    expect(await found(`tag=${encodeURIComponent("waiting,{}\"'")}`)).toBe(0);
    expectRefused(await ask("/v1/work-orders?overdue=1"), "overdue");
    await server.store.incidents.open(first, {
      ...{ kind: "timer", subject: "1.1", code: "expression-failed", detail: "x", pointer: null },
    });
    const overdue = await ask("/v1/work-orders?overdue=true&status=incident");
    expect(overdue.body.items).toMatchObject([{ id: first, status: "incident" }]);
  });
});

describe("a history", () => {
  test("goes on from its cursor, alone or after a revision", async () => {
    const [id = ""] = ids;
    for (const note of ["a", "b", "c"]) {
      const body = { type: "NOTE", payload: { note } };
      await server.engine.orders.send(
        { sub: "ann", roles: ["advisor"], centres: null },
        ...([id, body] as const),
      );
    }
    const path = `/v1/work-orders/${id}/history?`;
    const revisions = (items: readonly Answer["body"][]) => items.map(({ revision }) => revision);
    expect(revisions(await walk(path))).toEqual([1, 2, 3, 4]);
    expect(revisions(await walk(`${path}after=1&`))).toEqual([2, 3, 4]);
    const { nextCursor } = (await ask(`${path}limit=2`)).body;
    const after = await ask(`${path}after=${nextCursor}`);
    expect(revisions(after.body.items)).toEqual([3, 4]);
    const lines = await ask(`${path}cursor=3`, { headers: { Accept: "application/x-ndjson" } });
    expect(lines.text.split("\n").filter((line) => line !== "")).toHaveLength(1);
    const foreign = (await ask("/v1/work-orders?limit=1")).body.nextCursor;
    for (const cursor of [foreign, "0", "-1", "1.5", "", "9".repeat(10)]) {
      expectRefused(await ask(`${path}cursor=${cursor}`), "cursor");
    }
  });
});
