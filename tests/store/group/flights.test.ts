/** Statements under way: the first goes at once, a further one when it is worth it, and none waits for ever. */

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createFlights } from "../../../src/store/group/flights.ts";

const FULL = 4;

function started() {
  let calls = 0;
  const flights = createFlights(FULL, () => {
    calls += 1;
  });
  const depart = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const landed = flights.fly(promise);
    return () => {
      resolve();
      return landed;
    };
  };
  return { flights, depart, calls: () => calls };
}

describe("flights", () => {
  test("the first goes with whatever there is, and not with nothing", () => {
    const { flights } = started();
    expect([0, 1, FULL].map(flights.mayGo)).toEqual([false, true, true]);
  });

  test("a further one goes only when it is nearly full", () => {
    const { flights, depart } = started();
    void depart();
    expect([1, FULL - 1, FULL].map(flights.mayGo)).toEqual([false, false, true]);
  });

  test("what waits is looked at when one lands", async () => {
    const { flights, depart, calls } = started();
    const land = depart();
    expect(flights.mayGo(1)).toBe(false);
    await land();
    expect([calls(), flights.mayGo(1)]).toEqual([1, true]);
  });

  test("what waits behind a long one goes without it", async () => {
    const { flights, depart, calls } = started();
    void depart();
    expect(flights.mayGo(1)).toBe(false);
    await expect.poll(calls).toBe(1);
    expect(flights.mayGo(1)).toBe(true);
  });

  test("nothing is looked at again when all has landed", async () => {
    const { flights, depart, calls } = started();
    const land = depart();
    expect(flights.mayGo(1)).toBe(false);
    await land();
    await sleep(30);
    expect(calls()).toBe(1);
  });

  test("no more than three are under way, however many wait and however long", async () => {
    const { flights, depart } = started();
    const landings = [depart(), depart(), depart()];
    await sleep(15);
    expect(flights.mayGo(1_000)).toBe(false);
    await landings[0]?.();
    expect(flights.mayGo(1_000)).toBe(true);
  });
});
