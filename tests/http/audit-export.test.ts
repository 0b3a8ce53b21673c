import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ocelFile } from "../audit/export/ocel-schema.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor, type TestServer } from "./server.ts";

const EXPORT = "/v1/audit/export";

let server: TestServer;
let shanghai = "";
let beijing = "";

beforeAll(async () => {
  server = await embeddedServer();
  await publish(asking(server), PARCEL);
  shanghai = await delivered("sh-01");
  beijing = await delivered("bj-02");
});
afterAll(() => server.close());

describe("an export", () => {
  test("is an OCEL 2.0 log of every entry, in which orders, who acted and whose they are are objects", async () => {
    const { status, headers, text } = await asking(server)(EXPORT);
    expect([status, headers.get("content-type"), headers.get("content-disposition")]).toEqual([
      200,
      "application/json",
      'attachment; filename="histories.jsonocel"',
    ]);
    const file = ocelFile(text);
    expect(file.events.map(({ type }) => type)).toEqual([
      ...["order.started", "PICK_UP", "DELIVER"],
      ...["order.started", "PICK_UP", "DELIVER"],
    ]);
    expect(file.objects.map(({ type }) => type).toSorted()).toEqual([
      "actor.admin",
      "actor.courier",
      "work-order",
      "work-order",
    ]);
  });

  test("is a XES log with a trace for each order", async () => {
    const { headers, text } = await asking(server)(`${EXPORT}?format=xes`);
    expect(headers.get("content-type")).toBe("application/xml");
    expect(text.match(/<trace>/g)).toHaveLength(2);
    expect(text.match(/<event>/g)).toHaveLength(6);
  });

  test("is the stored lines themselves, order by order", async () => {
    const { text } = await asking(server)(`${EXPORT}?format=ndjson`);
    const stored = await Promise.all(
      [shanghai, beijing].toSorted().map((id) =>
        asking(server)(`/v1/work-orders/${id}/history`, {
          headers: { accept: "application/x-ndjson" },
        }),
      ),
    );
    expect(text).toBe(stored.map((each) => each.text).join(""));
  });

  test("holds no personal value, in any form", async () => {
    const texts = await Promise.all(
      ["ocel2", "xes", "ndjson"].map((format) => asking(server)(`${EXPORT}?format=${format}`)),
    );
    for (const { text } of texts) expect(text).not.toContain("Grace Hopper");
  });

  test("holds the orders of a period, a process, a centre, and of the caller's centres", async () => {
    const ids = async (query: string, token?: string): Promise<readonly string[]> => {
      const { text } = await asking(server)(
        `${EXPORT}?${query}`,
        token === undefined ? {} : { token },
      );
      const orders = ocelFile(text).objects.filter(({ type }) => type === "work-order");
      return orders.map(({ id }) => id);
    };
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect(await ids(`to=${later}`)).toEqual([shanghai, beijing].toSorted());
    expect(await ids(`from=${later}`)).toEqual([]);
    expect(await ids("process=another")).toEqual([]);
    expect(await ids("centre=bj-02")).toEqual([beijing]);
    const auditor = await tokenFor("auditor", { centres: ["sh-01"] });
    expect(await ids("", auditor)).toEqual([shanghai]);
    expect(await ids("centre=bj-02", auditor)).toEqual([]);
  });

  test("is for admins and auditors, and in the form that was asked for", async () => {
    const courier = await asking(server)(EXPORT, { token: await tokenFor("courier") });
    expect([courier.status, courier.body.code]).toEqual([403, "role-not-allowed"]);
    const form = await asking(server)(`${EXPORT}?format=csv`);
    expect([form.status, form.body.code]).toEqual([422, "request-invalid"]);
    const other = await asking(server)(EXPORT, { headers: { accept: "text/html" } });
    expect([other.status, other.body.code]).toEqual([406, "not-acceptable"]);
  });

  test("is refused where a history was altered, and names it", async () => {
    const damaged = await embeddedServer();
    const ask = asking(damaged);
    await publish(ask, PARCEL);
    const { body } = await ask("/v1/work-orders", {
      body: { process: "parcel", data: { to: "G" } },
    });
    await damaged.database.db
      .updateTable("entries")
      .set((is) => ({
        line: is.fn("replace", ["line", is.val("some-admin"), is.val("some-other")]),
      }))
      .execute();
    const answer = await ask(`${EXPORT}?format=xes`);
    expect([answer.status, answer.body.code]).toEqual([500, "history-diverged"]);
    expect(answer.body.detail).toContain(
      `order ${body.id} made, found another at revision 1, in \`hash\``,
    );
    await damaged.close();
  });
});

async function delivered(centre: string): Promise<string> {
  const ask = asking(server);
  const data = { to: "Grace Hopper", weight: 2 };
  const { body } = await ask("/v1/work-orders", { body: { process: "parcel", centre, data } });
  const token = await tokenFor("courier");
  await ask(`/v1/work-orders/${body.id}/events`, { token, body: { type: "PICK_UP" } });
  const payload = { signature: "GH", weight: 2.5 };
  await ask(`/v1/work-orders/${body.id}/events`, { token, body: { type: "DELIVER", payload } });
  return body.id;
}
