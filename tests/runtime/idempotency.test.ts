/** Requests under a key, at the engine's door: answered again as they were, whatever the order went through since. */

import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import type { Idempotency } from "../../src/runtime/engine.ts";
import { createForgetting, KEPT_MS } from "../../src/runtime/forget-keys.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  CLERK,
  createParcel,
  granted,
  parcelServer,
  RECIPIENT,
  refusal,
  sent,
  START,
  until,
  type Hand,
  type Server,
} from "./engine.ts";

const fresh = (): Idempotency => ({ key: randomUUID(), fingerprint: "f" });

const NOON = Date.parse("2026-11-22T12:00:00.000Z");

describeOnDatabases("a request under a key", (open, kind) => {
  let hand: Hand;
  let server: Server;
  beforeEach(async () => {
    hand = { now: NOON };
    server = await parcelServer(open, hand);
  });

  const send = (id: string, idempotency: Idempotency, type: string, payload = {}) =>
    server.engine.orders.send(CLERK, id, { type, payload }, { idempotency });

  test("on a test clock is answered by that clock, also when it went on", async () => {
    const { id: testClock } = granted(await server.engine.testClocks.create(ADMIN, START));
    const [one, two] = [fresh(), fresh()];
    const request = { process: "parcel", data: { recipient: RECIPIENT }, testClock };
    const create = () => server.engine.orders.create(CLERK, request, { idempotency: one });
    const created = granted(await create());
    const moved = granted(await send(created.order.id, two, "HAND_OVER"));
    await server.engine.testClocks.advance(ADMIN, testClock, "2026-11-25T00:00:00.000Z");
    expect(await create()).toEqual({ ...created, replayed: true });
    expect(await send(created.order.id, two, "HAND_OVER")).toMatchObject({
      ...moved,
      replayed: true,
    });
  });

  test("of an order in an incident is answered with it, also when it is resolved", async () => {
    const { id } = await createParcel(server);
    await sent(server, id, "BREAK");
    await sent(server, id, "HAND_OVER");
    hand.now += 2 * 3_600_000;
    server.engine.start();
    await until(
      async () => (await server.store.orders.get(id, { centres: "*" }))?.status === "incident",
    );
    const note = fresh();
    const first = granted(await send(id, note, "NOTE", { note: "n1", text: "from ann" }));
    expect(first.order).toMatchObject({ status: "incident" });
    await sent(server, id, "REPAIR");
    const { items } = await server.engine.incidents.list(ADMIN, {}, { limit: 9 });
    granted(await server.engine.incidents.retry(ADMIN, items[0]?.id ?? "", "repaired"));
    await until(
      async () => (await server.store.orders.get(id, { centres: "*" }))?.status === "active",
    );
    expect(await send(id, note, "NOTE", { note: "n1", text: "from ann" })).toEqual({
      ...first,
      replayed: true,
    });
    await server.engine.stop();
  });

  test("that was refused is refused again with the choices of then", async () => {
    const { id } = await createParcel(server);
    const key = fresh();
    const first = refusal(await send(id, key, "REPAIR", { odd: 1 }));
    const two = fresh();
    const notNow = refusal(await send(id, two, "CALL_OFF"));
    expect(notNow).toMatchObject({ code: "event-not-enabled" });
    await sent(server, id, "HAND_OVER");
    hand.now += 60_000;
    expect(await send(id, two, "CALL_OFF")).toEqual({ ...notNow, replayed: true });
    expect(await send(id, key, "REPAIR", { odd: 1 })).toEqual({ ...first, replayed: true });
  });

  test("that is refused in the middle of its work leaves nothing of it", async () => {
    const key = fresh();
    let clock = "";
    const work = () =>
      server.engine.once(ADMIN, key, async (operations) => {
        clock = granted(await operations.testClocks.create(ADMIN, START)).id;
        return refusal(await operations.definitions.setDefault(ADMIN, "parcel", "9.9.9"));
      });
    expect(await work()).toMatchObject({ kind: "refused", code: "definition-unknown" });
    expect(await server.engine.testClocks.get(ADMIN, clock)).toMatchObject({ kind: "refused" });
    expect(await work()).toMatchObject({ code: "definition-unknown", replayed: true });
  });

  // PGlite is one server's.
  const others = kind === "postgres" ? ["another server"] : [];
  test.each(others)("while its first copy is at work on %s is told so", async () => {
    const other = await parcelServer(open, hand);
    const key = fresh();
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let begun = (): void => {};
    const begins = new Promise<void>((resolve) => (begun = resolve));
    const first = server.engine.once(ADMIN, key, async () => {
      begun();
      await finished;
      return { kind: "ok", text: "done" };
    });
    await begins;
    const second = () =>
      other.engine.once(ADMIN, key, () => Promise.resolve({ kind: "ok", text: "again" }));
    expect(await second()).toMatchObject({ code: "idempotency-in-progress" });
    finish();
    expect(await first).toEqual({ kind: "ok", text: "done" });
    expect(await second()).toEqual({ kind: "ok", text: "done", replayed: true });
  });

  test("is known for two days, and forgotten in bounded rounds", async () => {
    const { id } = await createParcel(server);
    const keys = Array.from({ length: 30 }, fresh);
    for (const key of keys) granted(await send(id, key, "BREAK"));
    hand.now += KEPT_MS - 1;
    await createForgetting(server.store, systemClock)();
    const [first = fresh()] = keys;
    expect(await send(id, first, "BREAK")).toMatchObject({ replayed: true });
    hand.now += 2;
    await createForgetting(server.store, systemClock)();
    expect(await send(id, first, "BREAK")).not.toHaveProperty("replayed");
  });
});
