/** Timers: once, never early, over several servers; what can't fire waits for a person and delays nobody. */

import { afterEach, expect, test } from "vitest";
import { createChange } from "../../src/runtime/change.ts";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { fireTimer } from "../../src/runtime/timers.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  createParcel,
  granted,
  parcelServer,
  refusal,
  sent,
  server,
  START,
  until,
  viewed,
  type Hand,
  type Server,
  SEALS,
} from "./engine.ts";

const EGG = `
process: egg
version: 1.0.0
machine:
  initial: boiling
  states:
    boiling: { after: { PT0.3S: boiled } }
    boiled: { type: final }
`;

const HOUR_MS = 3_600_000;
const OPEN = { status: "open" } as const;

describeOnDatabases("timers", (open) => {
  const running: Server[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ engine }) => engine.stop()));
  });
  const started = (each: Server): Server => {
    each.engine.start();
    running.push(each);
    return each;
  };
  const fired = async ({ engine }: Server, id: string): Promise<number> => {
    const page = granted(await engine.orders.history(ADMIN, id, { after: 0, limit: 100 }));
    return page.items.filter(({ type }) => type === "timer.fired").length;
  };

  test("two servers on one database fire 200 timers, each once and none early", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const two = await server(open, hand);
    const ids: string[] = [];
    for (let count = 0; count < 200; count += 1) {
      const { id } = await createParcel(one);
      await sent(one, id, "HAND_OVER");
      ids.push(id);
    }
    started(one);
    started(two);
    hand.now += HOUR_MS - 1;
    await systemClock.sleep(1_200, new AbortController().signal);
    const late = await one.engine.orders.list(ADMIN, { step: "chase" }, { limit: 1 });
    expect(granted(late).items).toEqual([]);
    hand.now += 1;
    await until(async () => (await one.store.timers.due(1)).length === 0);
    const counts = await Promise.all(ids.map((id) => fired(one, id)));
    expect(counts).toEqual(ids.map(() => 1));
    const orders = await Promise.all(ids.map((id) => viewed(one, id)));
    expect(new Set(orders.map(({ data }) => data["tries"]))).toEqual(new Set([1]));
    expect(new Set(orders.map(({ updatedAt }) => updatedAt))).toEqual(
      new Set([new Date(hand.now).toISOString()]),
    );
    expect(`${one.logged()}\n${two.logged()}`).not.toMatch(/^(warn|error)/m);
  });

  test("a timer that is offered early, twice, or after its cancelling does nothing", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id: orderId } = await createParcel(one);
    const [timer] = (await sent(one, orderId, "HAND_OVER")).timers;
    const change = createChange(one.store, createLibrary(one.store), SEALS);
    const fire = (id: string) =>
      fireTimer({ change, random: systemRandom, wake: () => {} }, { orderId, id });
    const id = timer?.id ?? "";
    expect(await fire(id)).toBe("early");
    hand.now += HOUR_MS;
    const together = await Promise.all([fire(id), fire(id), fire(id)]);
    expect(together.toSorted()).toEqual(["fired", "gone", "gone"]);
    expect(await fire(id)).toBe("gone");
    expect(await fire("never was")).toBe("gone");
    expect(await viewed(one, orderId)).toMatchObject({ revision: 3, state: { road: "late" } });
  });

  test("a timer fires by the database's clock, not early and soon, although nobody asks", async () => {
    const one = started(await server(open));
    granted(await one.engine.definitions.publish(ADMIN, { text: EGG, format: "yaml" }));
    const created = await one.engine.orders.create(ADMIN, { process: "egg" });
    const { id, timers } = granted(created).order;
    await until(async () => (await viewed(one, id)).status === "done");
    const firedAt = Date.parse((await viewed(one, id)).updatedAt);
    const lateMs = firedAt - Date.parse(timers[0]?.dueAt ?? "");
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(5_000);
  });

  test("an item waits by itself", async () => {
    const one = await parcelServer(open);
    const { id } = await createParcel(one);
    const { timers } = await sent(one, id, "NOTE", { note: "n", text: "x" });
    expect(timers).toMatchObject([{ item: "notes/n", event: "open after PT2H" }]);
    const closed = await sent(one, id, "CLOSE_NOTE", { note: "n" });
    expect(closed).toMatchObject({ timers: [], items: { notes: [{ id: "n", state: "closed" }] } });
    expect(await one.store.timers.next()).toBe(null);
  });

  test("a poison order gets an incident, and delays no other", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const poison = await createParcel(one);
    await sent(one, poison.id, "BREAK");
    await sent(one, poison.id, "HAND_OVER");
    hand.now += 1;
    const healthy = await createParcel(one);
    await sent(one, healthy.id, "HAND_OVER");
    started(one);
    hand.now += HOUR_MS;
    await until(async () => (await viewed(one, healthy.id)).step === "chase");
    await until(async () => (await viewed(one, poison.id)).status === "incident");
    expect(await viewed(one, poison.id)).toMatchObject({ revision: 3, state: { road: "moving" } });
    expect(one.logged()).toContain("a timer opened an incident");
  });

  test("an incident is listed, tried again with a reason, and gone when it went well", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "BREAK");
    await sent(one, id, "HAND_OVER");
    started(one);
    hand.now += HOUR_MS;
    await until(async () => (await viewed(one, id)).status === "incident");
    const { incidents } = one.engine;
    const [incident] = granted(await incidents.list(ADMIN, OPEN, { limit: 9 })).items;
    expect(incident).toMatchObject({
      order: id,
      source: { kind: "timer" },
      code: "expression-failed",
    });
    const north = { ...ADMIN, centres: ["north"] };
    expect(granted(await incidents.list(north, OPEN, { limit: 9 })).items).toEqual([]);
    expect(refusal(await incidents.retry(north, incident?.id ?? "", "?")).code).toBe("not-found");

    // Tried again before anything was repaired, it fails again.
    granted(await incidents.retry(ADMIN, incident?.id ?? "", "look again"));
    await until(async () => (await viewed(one, id)).status === "incident");
    const [second] = granted(await incidents.list(ADMIN, OPEN, { limit: 9 })).items;
    expect(second?.id).not.toBe(incident?.id);

    expect((await sent(one, id, "REPAIR")).status).toBe("incident");
    granted(await incidents.retry(ADMIN, second?.id ?? "", "repaired"));
    await until(async () => (await viewed(one, id)).step === "chase");
    expect(await viewed(one, id)).toMatchObject({ status: "active", data: { tries: 1 } });
    expect(refusal(await incidents.retry(ADMIN, second?.id ?? "", "?")).code).toBe(
      "incident-closed",
    );
  });

  test("a step that takes the stuck timer away ends its incident", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "BREAK");
    await sent(one, id, "HAND_OVER");
    started(one);
    hand.now += HOUR_MS;
    await until(async () => (await viewed(one, id)).status === "incident");
    const done = await sent(one, id, "DELIVER", {}, { ...ADMIN, roles: ["courier"] });
    expect(done).toMatchObject({ status: "done", timers: [] });
    expect(granted(await one.engine.incidents.list(ADMIN, OPEN, { limit: 9 })).items).toEqual([]);
  });

  test("a server that stops ends its round, and fires nothing after", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "HAND_OVER");
    one.engine.start();
    await one.engine.stop();
    hand.now += HOUR_MS;
    const two = started(await server(open, hand));
    await until(async () => (await fired(two, id)) === 1);
  });
});
