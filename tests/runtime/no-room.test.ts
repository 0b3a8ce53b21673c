/** Work of the engine's own that finds no room in the store comes again later; nothing of it is anybody's incident. */

import { expect, test } from "vitest";

import { createChange } from "../../src/runtime/change.ts";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { runOfferedJobs } from "../../src/runtime/jobs.ts";
import type { Workshop } from "../../src/runtime/own-event.ts";
import { systemRandom } from "../../src/runtime/platform.ts";
import { fireOrReport } from "../../src/runtime/timers.ts";
import { StoreBusy } from "../../src/store/errors.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  createParcel,
  parcelServer,
  sent,
  START,
  viewed,
  type Hand,
  type Server,
  SEALS,
} from "./engine.ts";

const never = new AbortController().signal;
const SLOT = {
  resources: ["bay-1"],
  from: "2026-11-23T08:00:00.000Z",
  to: "2026-11-23T09:00:00.000Z",
};

/** Takes a change only while there is room. */
function workshop({ store }: Server): Workshop & { room: boolean } {
  const change = createChange(store, createLibrary(store), SEALS);
  const ports: Workshop & { room: boolean } = {
    room: false,
    ...{ store, keyring: SEALS.keyring, random: systemRandom, wake: () => {} },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    change: async (...args) => {
      if (!ports.room) throw new StoreBusy("More changes wait than will be written soon.");
      return change(...args);
    },
  };
  return ports;
}

describeOnDatabases("without room in the store", (open) => {
  test("a timer stays due, and fires when there is", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "HAND_OVER");
    hand.now += 3_600_000;
    const [timer] = await one.store.timers.due(1);
    if (timer === undefined) throw new Error("expected a timer");
    const ports = workshop(one);
    expect(await fireOrReport(ports, timer)).toBe("left");
    expect(await viewed(one, id)).toMatchObject({ status: "active", revision: 2 });
    ports.room = true;
    expect(await fireOrReport(ports, timer)).toBe("moved");
  });

  test("a job goes back at once, and not as its last attempt's failure", async () => {
    const hand: Hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", SLOT);
    const ports = workshop(one);
    await runOfferedJobs(ports, "w1", never);
    expect(await viewed(one, id)).toMatchObject({ status: "active", state: "booking" });
    ports.room = true;
    await runOfferedJobs(ports, "w1", never);
    expect(await viewed(one, id)).toMatchObject({ state: "booking" });
    hand.now += 1_000;
    await runOfferedJobs(ports, "w1", never);
    expect(await viewed(one, id)).toMatchObject({ state: "desk", data: { problem: "none" } });
  });
});
