/** With the runtime's own decision switched off, the queries' scope still holds. */

import { describe, expect, test, vi } from "vitest";
import { createPlaces } from "../../../src/http/places.ts";
import type { Store } from "../../../src/store/store.ts";
import { embeddedServer } from "../server.ts";
import { leaking } from "./walls.ts";

vi.mock(import("../../../src/runtime/caller.ts"), async (original) => ({
  ...(await original()),
  reaches: () => true,
}));
vi.mock(import("../../../src/runtime/second-wall.ts"), () => ({
  walledStore: (store: Store) => store,
}));

/** All callers ask at once. */
const MANY = { perServer: 1_000, perCaller: 1_000, stallMs: 60_000 };
/** An order is written under its lock, which no scope narrows: there the runtime's decision is the only wall. */
const THIS_WALL_ALONE = ["sendEvent", "previewEvent", "sendEvents", "completeJob", "failJob"];

describe("a runtime that finds every centre reached", () => {
  test("is found out by the writes of an order, and by nothing else", async () => {
    const server = await embeddedServer({
      places: createPlaces({ max: 1000 }),
      exportLimits: MANY,
    });
    expect(await leaking(server)).toEqual(THIS_WALL_ALONE);
  });
});
