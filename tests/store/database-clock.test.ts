/** The clock that is reckoned never goes before the database's, whatever the network does and however both run. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createDatabaseClock } from "../../src/store/database-clock.ts";

/** A database's clock and this process's, both in the test's hands. */
function clocks(speed: number) {
  let elapsed = 10;
  let database = 1_700_000_000_000;
  return {
    clock: createDatabaseClock(() => elapsed),
    /** @param ms of this process */
    pass: (ms: number) => {
      elapsed += ms;
      database += ms * speed;
    },
    setDatabase: (by: number) => {
      database += by;
    },
    database: () => database,
  };
}

describe("the database's clock", () => {
  test("is not known before its first word, and not by one that is a minute old", () => {
    const { clock, pass, database } = clocks(1);
    expect(clock.now()).toBeNull();
    clock.observe(database());
    pass(60_000);
    expect(clock.now()).not.toBeNull();
    pass(1);
    expect(clock.now()).toBeNull();
    clock.observe(database());
    expect(clock.now()).toBe(Math.floor(database()));
  });

  test("is never reckoned ahead of itself, nor backwards, nor far behind its last word", () => {
    const word = fc.record({
      pass: fc.double({ min: 0, max: 20_000, noNaN: true }),
      onItsWay: fc.double({ min: 0, max: 900, noNaN: true }),
    });
    const speeds = fc.constantFrom(0.9995, 0.9999, 1, 1.0001, 1.0005);
    fc.assert(
      fc.property(speeds, fc.array(word, { minLength: 1, maxLength: 30 }), (speed, words) => {
        const { clock, pass, database } = clocks(speed);
        let last = -Infinity;
        for (const { pass: ms, onItsWay } of words) {
          pass(ms);
          const said = Math.floor(database());
          pass(onItsWay);
          clock.observe(said);
          const now = clock.now();
          expect(now).not.toBeNull();
          expect(now).toBeLessThanOrEqual(database());
          expect(now).toBeGreaterThanOrEqual(Math.max(last, said));
          last = now ?? last;
          pass(ms / 2);
          expect(clock.now()).toBeLessThanOrEqual(database());
        }
      }),
    );
  });

  test("that is set forward is followed at once, and set back within a second", () => {
    const { clock, pass, setDatabase, database } = clocks(1);
    clock.observe(database());
    setDatabase(3_600_000);
    clock.observe(database());
    expect(clock.now()).toBe(database());
    setDatabase(-3_600_000);
    for (let ms = 0; ms < 1_000; ms += 100) {
      clock.observe(database());
      pass(100);
    }
    clock.observe(database());
    expect(clock.now()).toBe(database());
  });
});
