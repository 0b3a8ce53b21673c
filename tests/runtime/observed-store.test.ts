/** What goes through the store is told of once it is committed: by process, by what moved it, by what refused it. */

import { expect, test } from "vitest";
import { observedStore } from "../../src/runtime/observed-store.ts";
import type { Observation } from "../../src/runtime/observing.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  COURIER,
  createParcel,
  granted,
  parcelServer,
  sent,
  START,
  until,
  viewed,
} from "./engine.ts";

const HOUR_MS = 3_600_000;

const TEA = `
process: tea
version: 1.0.0
machine:
  initial: drawing
  states:
    drawing: { after: { PT2H: bitter, PT1H: drawn } }
    drawn: { type: final }
    bitter: { type: final }
`;

describeOnDatabases("an observed store", (open) => {
  async function watched() {
    const told: Observation[] = [];
    const traced: string[] = [];
    const hand = { now: Date.parse(START) };
    const server = await parcelServer(
      async (ports) =>
        observedStore(
          await open(ports),
          (observation) => told.push(observation),
          (name, _attributes, work) => {
            traced.push(name);
            return work(() => {});
          },
        ),
      hand,
    );
    return { server, told, traced, hand };
  }

  const moved = (trigger: string) => ({ kind: "transition", process: "parcel", trigger });

  test("tells of what was committed and of what was refused, and of nothing that was only looked at", async () => {
    const { server, told, traced } = await watched();
    const { id } = await createParcel(server);
    await viewed(server, id);
    await server.engine.orders.send(COURIER, id, { type: "NO_SUCH", payload: {} });
    await server.engine.orders.send(COURIER, id, { type: "DELIVER", payload: {} });
    await sent(server, id, "HAND_OVER");
    expect(told).toEqual([
      moved("creation"),
      { kind: "refusal", process: "parcel", code: "event-unknown" },
      { kind: "refusal", process: "parcel", code: "event-not-enabled" },
      moved("event"),
    ]);
    expect(traced.filter((name) => name === "store.change")).toHaveLength(4);
  });

  test("tells how late a timer fired", async () => {
    const { server, told, hand } = await watched();
    const { id } = await createParcel(server);
    await sent(server, id, "HAND_OVER");
    hand.now += HOUR_MS + 3_000;
    server.engine.start();
    await until(() => Promise.resolve(told.some(({ kind }) => kind === "timer")));
    await server.engine.stop();
    expect(told.slice(2)).toEqual([moved("timer"), { kind: "timer", lagMs: 3_000 }]);
  });

  test("tells how late the timer was that fired, and not another that went with it", async () => {
    const { server, told, hand } = await watched();
    const { engine } = server;
    granted(await engine.definitions.publish(ADMIN, { text: TEA, format: "yaml" }));
    granted(await engine.orders.create(ADMIN, { process: "tea" }));
    hand.now += HOUR_MS + 3_000;
    engine.start();
    await until(() => Promise.resolve(told.some(({ kind }) => kind === "timer")));
    await engine.stop();
    expect(told.at(-1)).toEqual({ kind: "timer", lagMs: 3_000 });
  });

  test("tells of an incident", async () => {
    const { server, told, hand } = await watched();
    const { id } = await createParcel(server);
    await sent(server, id, "BREAK");
    await sent(server, id, "HAND_OVER");
    hand.now += HOUR_MS;
    server.engine.start();
    await until(() => Promise.resolve(told.some(({ kind }) => kind === "incident")));
    await server.engine.stop();
    expect(told.at(-1)).toEqual({ kind: "incident", process: "parcel" });
  });

  test("counts what waits", async () => {
    const { server, hand } = await watched();
    const { id } = await createParcel(server);
    await sent(server, id, "HAND_OVER");
    const before = await server.store.backlog();
    expect(before).toMatchObject({ openIncidents: 0, dueTimers: 0, timersBehindMs: 0 });
    hand.now += HOUR_MS + 2_000;
    const after = await server.store.backlog();
    expect(after).toMatchObject({ dueTimers: 1, timersBehindMs: 2_000, deliveriesDead: 0 });
    expect(after.openJobs).toEqual(new Map());
  });
});
