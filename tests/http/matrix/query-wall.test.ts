/** With the queries' scope switched off, what the runtime decides by the row's own centre still holds. */

import { describe, expect, test } from "vitest";
import { createPlaces } from "../../../src/http/places.ts";
import { embeddedServer } from "../server.ts";
import { blindStore, leaking } from "./walls.ts";

/** All callers ask at once. */
const MANY = { perServer: 1_000, perCaller: 1_000, stallMs: 60_000 };
/** A claim is made by the query: what it should not have found goes back untold, but with an attempt counted. */
const THIS_WALL_ALONE = ["claimJobs"];

describe("a store that shows every centre to everybody", () => {
  test("is found out by claims of jobs, and by nothing else", async () => {
    const server = await embeddedServer(
      { places: createPlaces({ max: 1000 }), exportLimits: MANY },
      blindStore,
    );
    expect(await leaking(server)).toEqual(THIS_WALL_ALONE);
  });
});
