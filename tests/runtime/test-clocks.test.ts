/** Test clocks: days pass in a moment, each timer at its own instant, and jobs end before time goes on. */

import { beforeEach, expect, test } from "vitest";
import { createChange } from "../../src/runtime/change.ts";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { createTestClocks } from "../../src/runtime/test-clocks.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  createParcel,
  granted,
  parcelServer,
  refusal,
  sent,
  START,
  viewed,
  type Server,
  SEALS,
} from "./engine.ts";

const SLOT = {
  resources: ["bay-1"],
  from: "2026-11-23T08:00:00.000Z",
  to: "2026-11-23T09:00:00.000Z",
};

describeOnDatabases("test clocks", (open) => {
  let server: Server;
  let clock: string;
  beforeEach(async () => {
    server = await parcelServer(open);
    clock = granted(await server.engine.testClocks.create(ADMIN, START)).id;
  });

  test("an order lives by its clock, and no other clock moves it", async () => {
    const created = await createParcel(server, { testClock: clock });
    expect(created).toMatchObject({ createdAt: START, updatedAt: START, testClock: clock });
    const moved = await sent(server, created.id, "HAND_OVER");
    expect(moved.timers).toMatchObject([{ dueAt: "2026-11-22T09:00:00.000Z" }]);
    expect(await viewed(server, created.id)).toEqual(moved);
    expect(await server.store.timers.due(9)).toEqual([]);
    const then = granted(await server.engine.orders.at(ADMIN, created.id, { revision: 1 })).order;
    expect(then.testClock).toBe(clock);
  });

  test("advancing fires each timer at its due instant, those that it sets included", async () => {
    const { id } = await createParcel(server, { testClock: clock });
    await sent(server, id, "HAND_OVER");
    const to = "2026-11-24T12:00:00.000Z";
    expect(granted(await server.engine.testClocks.advance(ADMIN, clock, to))).toMatchObject({
      now: to,
    });
    const { items } = granted(
      await server.engine.orders.history(ADMIN, id, { after: 2, limit: 9 }),
    );
    expect(items.map(({ type, at }) => [type, at])).toEqual([
      ["timer.fired", "2026-11-22T09:00:00.000Z"],
      ["timer.fired", "2026-11-23T09:00:00.000Z"],
      ["timer.fired", "2026-11-23T10:00:00.000Z"],
      ["timer.fired", "2026-11-24T10:00:00.000Z"],
      ["timer.fired", "2026-11-24T11:00:00.000Z"],
    ]);
    expect(granted(await server.engine.testClocks.get(ADMIN, clock))).toMatchObject({ now: to });
    expect(granted(await server.engine.orders.verify(ADMIN, id)).verified).toBe(true);
  });

  test("timers of many orders fire at their own instants, however many share one", async () => {
    const ids: string[] = [];
    for (let day = 22; day <= 23; day += 1) {
      for (let count = 0; count < 7; count += 1) {
        const { id } = await createParcel(server, { testClock: clock });
        await sent(server, id, "HAND_OVER");
        ids.push(id);
      }
      const to = `2026-11-${day}T08:30:00.000Z`;
      granted(await server.engine.testClocks.advance(ADMIN, clock, to));
    }
    const to = "2026-11-24T08:30:00.000Z";
    granted(await server.engine.testClocks.advance(ADMIN, clock, to));
    const fired = await Promise.all(
      ids.map(async (id) => {
        const page = { after: 2, limit: 9 };
        const { items } = granted(await server.engine.orders.history(ADMIN, id, page));
        return items.map(({ at }) => at.slice(8, 16));
      }),
    );
    const [early, late] = [fired.slice(0, 7), fired.slice(7)];
    expect(early).toEqual(early.map(() => ["22T09:00", "23T09:00", "23T10:00"]));
    expect(late).toEqual(late.map(() => ["22T09:30", "23T09:30", "23T10:30"]));
  });

  test("an advance that fires many timers stops between two instants, says how far it came, and goes on", async () => {
    const { store, engine } = server;
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { id } = await createParcel(server, { testClock: clock });
      await sent(server, id, "HAND_OVER");
      ids.push(id);
    }
    const library = createLibrary(store);
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const clocks = createTestClocks({
      workshop: {
        ...{ store, log, change: createChange(store, library, SEALS), random: systemRandom },
        keyring: SEALS.keyring,
        wake: () => {},
      },
      clock: systemClock,
      runJobs: () => Promise.resolve(),
      maxFired: 3,
    });
    const to = "2026-11-24T08:30:00.000Z";
    const ways: (readonly [now: string, arrived: boolean])[] = [];
    for (let arrived = false; !arrived;) {
      const way = granted(await clocks.advance(ADMIN, clock, to));
      ({ arrived } = way);
      ways.push([way.now, arrived]);
    }
    expect(ways).toEqual([
      ["2026-11-22T09:00:00.000Z", false],
      ["2026-11-23T09:00:00.000Z", false],
      [to, true],
    ]);
    for (const id of ids) {
      const page = { after: 2, limit: 9 };
      const { items } = granted(await engine.orders.history(ADMIN, id, page));
      expect(items.map(({ at }) => at.slice(8, 16))).toEqual(["22T09:00", "23T09:00", "23T10:00"]);
    }
  });

  test("timers that set one another at one instant without an end are refused in time", async () => {
    const text = `
process: spin
version: 1.0.0
events: {}
machine: { initial: one, states: { one: { after: { '= order.id == "" ? now : now': two } }, two: { after: { '= now': one } } } }
`;
    granted(await server.engine.definitions.publish(ADMIN, { text, format: "yaml" }));
    granted(await server.engine.orders.create(ADMIN, { process: "spin", testClock: clock }));
    const stuck = await server.engine.testClocks.advance(ADMIN, clock, "2026-11-22T08:00:01.000Z");
    expect(refusal(stuck).code).toBe("test-clock-stuck");
    expect(refusal(stuck).detail).toContain(START);
  });

  test("built-in jobs end before the clock goes on", async () => {
    const { id } = await createParcel(server, { testClock: clock });
    await sent(server, id, "NOTE", { note: "n1", text: "x" });
    await sent(server, id, "BOOK", SLOT);
    granted(await server.engine.testClocks.advance(ADMIN, clock, "2026-11-23T08:00:00.000Z"));
    const { items } = granted(
      await server.engine.orders.history(ADMIN, id, { after: 3, limit: 9 }),
    );
    expect(items.map(({ type, at }) => [type, at])).toEqual([
      ["job.completed", START],
      ["timer.fired", "2026-11-22T10:00:00.000Z"],
    ]);
  });

  test("time goes forward only, on clocks that exist", async () => {
    const { testClocks } = server.engine;
    const back = await testClocks.advance(ADMIN, clock, "2026-11-22T07:59:59.999Z");
    expect(refusal(back).code).toBe("test-clock-backwards");
    expect(refusal(await testClocks.advance(ADMIN, "none", START)).code).toBe("test-clock-unknown");
    expect(refusal(await testClocks.get(ADMIN, "none")).code).toBe("test-clock-unknown");
    expect(granted(await testClocks.advance(ADMIN, clock, START)).now).toBe(START);
  });

  test("a poison order gets its incident, and the clock goes on for the others", async () => {
    const poison = await createParcel(server, { testClock: clock });
    const healthy = await createParcel(server, { testClock: clock });
    await sent(server, poison.id, "BREAK");
    for (const { id } of [poison, healthy]) await sent(server, id, "HAND_OVER");
    granted(await server.engine.testClocks.advance(ADMIN, clock, "2026-11-22T10:00:00.000Z"));
    expect(await viewed(server, poison.id)).toMatchObject({
      status: "incident",
      step: "transport",
    });
    expect(await viewed(server, healthy.id)).toMatchObject({ status: "active", step: "chase" });
  });

  test("the same creation on the same clock is the same order", async () => {
    const id = "0190b8a5-5b1c-7c3e-8c22-1f2d3e4f5a6b";
    const request = { process: "parcel", id, testClock: clock, data: { recipient: "Ada" } };
    const { orders } = server.engine;
    expect(granted(await orders.create(ADMIN, request)).created).toBe(true);
    expect(granted(await orders.create(ADMIN, request)).created).toBe(false);
    const { testClock: _clock, ...real } = request;
    expect(refusal(await orders.create(ADMIN, real)).code).toBe("id-unavailable");
  });
});
