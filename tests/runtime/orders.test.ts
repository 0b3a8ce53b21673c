/** Orders through the engine: created once, moved, refused, previewed, seen by whom they concern. */

import { beforeEach, expect, test } from "vitest";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  AUDITOR,
  CLERK,
  COURIER,
  createParcel,
  granted,
  parcelServer,
  RECIPIENT,
  refusal,
  sent,
  viewed,
  type Server,
} from "./engine.ts";

const ID = "0190b8a5-5b1c-7c3e-8c22-1f2d3e4f5a6b";
const SOUTH = { ...CLERK, centres: ["south"] };
const NORTH = { ...CLERK, centres: ["north"] };

describeOnDatabases("orders", (open) => {
  let server: Server;
  beforeEach(async () => {
    server = await parcelServer(open);
  });

  test("an order begins with the defaults, its choices and its place in the process", async () => {
    const order = await createParcel(server);
    expect(order).toMatchObject({
      ...{ process: "parcel", version: "1.0.0", revision: 1, status: "active", outcome: null },
      ...{ state: "desk", step: "intake", tags: ["waiting"], businessKey: null, centre: null },
      ...{ timers: [], jobs: [], items: { notes: [] } },
      data: { recipient: RECIPIENT, weight: 1, tries: 0, broken: false },
    });
    const handOver = order.enabled.find(({ event }) => event === "HAND_OVER");
    expect(handOver).toMatchObject({ title: { en: "Hand over", zh: "交接" }, by: ["clerk"] });
    expect(order.createdAt).toBe(order.updatedAt);
    expect(await viewed(server, order.id)).toEqual(order);
  });

  test("the same creation again answers the same order, moved on or not; another one is refused", async () => {
    const request = { process: "parcel", id: ID, businessKey: "P-1", data: { recipient: "Ada" } };
    const first = granted(await server.engine.orders.create(CLERK, request));
    expect(first.created).toBe(true);
    await sent(server, ID, "WEIGH", { weight: 2 });
    const again = granted(await server.engine.orders.create(CLERK, request));
    expect(again.created).toBe(false);
    expect(again.order).toMatchObject({ id: ID, revision: 2 });
    const other = { ...request, data: { recipient: "Eve" } };
    expect(refusal(await server.engine.orders.create(CLERK, other)).code).toBe("id-unavailable");
    const history = granted(await server.engine.orders.history(CLERK, ID, { after: 0, limit: 9 }));
    expect(history.items.map(({ type }) => type)).toEqual(["order.started", "WEIGH"]);
  });

  test("of twenty creators of one order at once, one creates and all get the same", async () => {
    const request = { process: "parcel", id: ID, data: { recipient: "Ada" } };
    const results = await Promise.all(
      Array.from({ length: 20 }, () => server.engine.orders.create(CLERK, request)),
    );
    const answers = results.map((result) => granted(result));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ order }) => JSON.stringify(order.data))).size).toBe(1);
  });

  test("data that the schema does not allow is refused with its places, and nothing is written", async () => {
    const request = { process: "parcel", id: ID, data: { recipient: "", colour: "red" } };
    const refused = refusal(await server.engine.orders.create(CLERK, request));
    expect(refused.code).toBe("data-invalid");
    expect(refused.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/data/colour",
      "/data/recipient",
    ]);
    expect(refusal(await server.engine.orders.view(CLERK, ID)).code).toBe("not-found");
  });

  test("an unknown process, version or test clock is refused", async () => {
    const { orders } = server.engine;
    const data = { recipient: "Ada" };
    const create = async (request: object) =>
      refusal(await orders.create(CLERK, { process: "parcel", data, ...request })).code;
    expect(await create({ process: "letter" })).toBe("definition-unknown");
    expect(await create({ version: "9.9.9" })).toBe("definition-unknown");
    expect(await create({ testClock: "none" })).toBe("test-clock-unknown");
  });

  test("whoever takes no part in the process creates no order of it", async () => {
    const request = { process: "parcel", data: { recipient: "Ada" } };
    const refused = refusal(await server.engine.orders.create(AUDITOR, request));
    expect(refused.code).toBe("role-not-allowed");
    expect(granted(await server.engine.orders.create(ADMIN, request)).created).toBe(true);
  });

  test("an event moves the order by one revision; the answer is what a read gives", async () => {
    const { id } = await createParcel(server);
    const moved = await sent(server, id, "HAND_OVER");
    expect(moved).toMatchObject({ revision: 2, state: { road: "moving" }, step: "transport" });
    expect(moved.timers).toMatchObject([{ event: "road.moving after PT1H" }]);
    expect(await viewed(server, id)).toEqual({ ...moved });
  });

  test("a refusal says why, and writes nothing", async () => {
    const { id } = await createParcel(server);
    const send = async (type: string, payload = {}, caller = CLERK) =>
      refusal(await server.engine.orders.send(caller, id, { type, payload }));
    expect((await send("HAND_OVER", {}, COURIER)).code).toBe("role-not-allowed");
    expect((await send("TELEPORT")).code).toBe("event-unknown");
    const notNow = await send("DELIVER", {}, COURIER);
    expect(notNow.code).toBe("event-not-enabled");
    expect(notNow.enabled?.map(({ event }) => event)).toEqual(["NOTE"]);
    const invalid = await send("WEIGH", { weight: -1, colour: "red" });
    expect(invalid.code).toBe("payload-invalid");
    expect(invalid.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/colour",
      "/weight",
    ]);
    expect((await send("NOTE", { note: "n", text: "x".repeat(41) })).code).toBe("payload-invalid");
    expect(await viewed(server, id)).toMatchObject({ revision: 1 });
  });

  test.each([
    "timer.fired",
    "job.completed",
    "job.failed",
    "order.started",
    "xstate.init",
    "constructor",
  ])("a caller can't forge %s", async (type) => {
    const { id } = await createParcel(server);
    await sent(server, id, "HAND_OVER");
    const [timer] = (await viewed(server, id)).timers;
    const event = { type, payload: { timer: timer?.id ?? "" } };
    const refused = refusal(await server.engine.orders.send(ADMIN, id, event));
    expect(refused.code).toBe("event-unknown");
  });

  test("a done order takes no event", async () => {
    const { id } = await createParcel(server);
    await sent(server, id, "HAND_OVER");
    const done = await sent(server, id, "DELIVER", {}, COURIER);
    expect(done).toMatchObject({ status: "done", outcome: "received", timers: [], enabled: [] });
    const result = await server.engine.orders.send(CLERK, id, {
      type: "WEIGH",
      payload: { weight: 2 },
    });
    expect(refusal(result).code).toBe("order-closed");
  });

  test("a stale view is refused with the revision that the order has", async () => {
    const { id } = await createParcel(server);
    await sent(server, id, "WEIGH", { weight: 2 });
    const event = { type: "WEIGH", payload: { weight: 3 } };
    const stale = await server.engine.orders.send(CLERK, id, event, { ifMatch: [1] });
    expect(refusal(stale)).toMatchObject({ code: "revision-mismatch", currentRevision: 2 });
    expect(
      granted(await server.engine.orders.send(CLERK, id, event, { ifMatch: [1, 2] })),
    ).toBeTruthy();
  });

  test("of twenty senders with the same view, one is accepted", async () => {
    const { id } = await createParcel(server);
    const event = { type: "WEIGH", payload: { weight: 2 } };
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        server.engine.orders.send(CLERK, id, event, { ifMatch: [1] }),
      ),
    );
    expect(results.filter(({ kind }) => kind === "ok")).toHaveLength(1);
    expect(await viewed(server, id)).toMatchObject({ revision: 2 });
  });

  test("a preview answers what sending would, and writes nothing", async () => {
    const { id } = await createParcel(server);
    const event = { type: "NOTE", payload: { note: "n1", text: "ring twice" } };
    const preview = granted(await server.engine.orders.preview(CLERK, id, event)).order;
    expect(preview).toMatchObject({
      revision: 2,
      items: { notes: [{ id: "n1", state: "open", text: "ring twice" }] },
    });
    expect(await viewed(server, id)).toMatchObject({ revision: 1, items: { notes: [] } });
    const after = await sent(server, id, "NOTE", event.payload);
    expect(after.data).toEqual(preview.data);
    expect(after.items).toEqual(preview.items);
  });

  test("a caller with several roles acts in the first that may", async () => {
    const { id } = await createParcel(server);
    const both = { sub: "kim", roles: ["courier", "clerk"], centres: null };
    await sent(server, id, "HAND_OVER", {}, both);
    const done = await sent(server, id, "DELIVER", {}, both);
    expect(done.status).toBe("done");
    const { items } = granted(
      await server.engine.orders.history(ADMIN, id, { after: 1, limit: 9 }),
    );
    expect(items.map(({ actor }) => actor)).toEqual([
      { sub: "kim", role: "clerk" },
      { sub: "kim", role: "courier" },
    ]);
  });

  test("orders of another centre look absent; a caller of one centre creates there", async () => {
    const request = { process: "parcel", data: { recipient: "Ada" } };
    const { order } = granted(await server.engine.orders.create(SOUTH, request));
    expect(order.centre).toBe("south");
    const { orders } = server.engine;
    const event = { type: "HAND_OVER", payload: {} };
    for (const result of [
      await orders.view(NORTH, order.id),
      await orders.send(NORTH, order.id, event),
      await orders.preview(NORTH, order.id, event),
      await orders.history(NORTH, order.id, { after: 0, limit: 9 }),
      await orders.at(NORTH, order.id, { revision: 1 }),
      await orders.verify(NORTH, order.id),
    ]) {
      expect(refusal(result).code).toBe("not-found");
    }
    const there = await orders.create(NORTH, { ...request, centre: "south" });
    expect(refusal(there).code).toBe("centre-not-allowed");
    expect(granted(await orders.list(NORTH, {}, { limit: 9 })).items).toEqual([]);
    expect(granted(await orders.list(SOUTH, {}, { limit: 9 })).items).toHaveLength(1);
  });

  test("a list is filtered by process, step and tag", async () => {
    const first = await createParcel(server);
    const second = await createParcel(server);
    await sent(server, second.id, "HAND_OVER");
    const ids = async (filter: object) =>
      granted(await server.engine.orders.list(CLERK, filter, { limit: 9 })).items.map(
        ({ id }) => id,
      );
    expect(await ids({ process: "parcel" })).toEqual([second.id, first.id]);
    expect(await ids({ step: "transport" })).toEqual([second.id]);
    expect(await ids({ tag: "waiting" })).toEqual([first.id]);
    expect(await ids({ status: "done" })).toEqual([]);
  });

  test("the order as it was, by revision and by instant, is what was answered then", async () => {
    const first = await createParcel(server);
    const second = await sent(server, first.id, "WEIGH", { weight: 2 });
    const third = await sent(server, first.id, "HAND_OVER");
    const { orders } = server.engine;
    const at = async (revision: number) =>
      granted(await orders.at(CLERK, first.id, { revision })).order;
    expect([await at(1), await at(2), await at(3)]).toEqual([first, second, third]);
    const then = granted(await orders.at(CLERK, first.id, { time: third.updatedAt })).order;
    expect(then.revision).toBe(3);
    const early = await orders.at(CLERK, first.id, { time: "2020-01-01T00:00:00.000Z" });
    expect(refusal(early).code).toBe("not-found");
    expect(refusal(await orders.at(CLERK, first.id, { revision: 4 })).code).toBe("not-found");
  });
});
