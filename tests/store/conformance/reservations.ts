/** Conformance: no bay, technician or tool is held twice at one time, whoever asks at once. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Interval, Reservation } from "../../../src/store/contracts/reservations.ts";
import type { OpenStore } from "../../support/databases.ts";
import { numbers } from "../fixtures.ts";

const day = Date.UTC(2026, 10, 23);
const hour = 3_600_000;

export function reservationsConform(open: OpenStore): void {
  describe("a reservation", () => {
    test("of one slot asked for by twenty orders at once: one gets it", async () => {
      const stores = await Promise.all([open(), open()]);
      const results = await Promise.all(
        numbers(20).map((number) =>
          stores[number % 2 === 0 ? 0 : 1].reservations.reserve({
            ...{ orderId: `o${number}`, job: "reserve" },
            intervals: [held("bay-1", 8, 10), held("tech-7", 8, 10)].toSorted(
              () => (number % 3) - 1,
            ),
          }),
        ),
      );
      expect(results.filter(({ kind }) => kind === "reserved")).toHaveLength(1);
      const window = { from: day, to: day + 24 * hour };
      expect(await stores[0].reservations.held(["bay-1", "tech-7"], window)).toHaveLength(2);
    });

    test("takes all its resources or none, and says what is in the way", async () => {
      const store = await open();
      await store.reservations.reserve({
        orderId: "o1",
        job: "j",
        intervals: [held("tech-7", 9, 11)],
      });
      const refused = await store.reservations.reserve({
        ...{ orderId: "o2", job: "j" },
        intervals: [held("bay-1", 8, 10), held("tech-7", 8, 10)],
      });
      expect(refused).toEqual({
        kind: "taken",
        conflicts: [{ orderId: "o1", job: "j", ...held("tech-7", 9, 11) }],
      });
      const bay = await store.reservations.held(["bay-1"], { from: day, to: day + 24 * hour });
      expect(bay).toEqual([]);
    });

    test("ends where the next one begins", async () => {
      const store = await open();
      for (const [number, from] of [8, 10, 12].entries()) {
        const intervals = [held("bay-1", from, from + 2)];
        const result = await store.reservations.reserve({
          orderId: `o${number}`,
          job: "j",
          intervals,
        });
        expect(result.kind).toBe("reserved");
      }
    });

    test("asked for again by the same job gives what it holds, also at once, also another slot", async () => {
      const stores = await Promise.all([open(), open()]);
      const results = await Promise.all(
        numbers(10).map((number) =>
          stores[number % 2 === 0 ? 0 : 1].reservations.reserve({
            ...{ orderId: "o1", job: "j" },
            intervals: [held(`bay-${number}`, 8, 10)],
          }),
        ),
      );
      expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
      const bays = numbers(10).map((number) => `bay-${number}`);
      const window = { from: day, to: day + 24 * hour };
      expect(await stores[0].reservations.held(bays, window)).toHaveLength(1);
    });

    test("is freed by job or by order", async () => {
      const store = await open();
      const ask = (orderId: string, job: string, from: number) =>
        store.reservations.reserve({ orderId, job, intervals: [held("bay-1", from, from + 1)] });
      await ask("o1", "a", 8);
      await ask("o1", "b", 9);
      await ask("o2", "a", 10);
      expect(await store.reservations.release("o1", "a")).toBe(1);
      expect(await store.reservations.release("o1")).toBe(1);
      expect(await store.reservations.release("o1")).toBe(0);
      expect((await ask("o3", "a", 8)).kind).toBe("reserved");
      expect((await ask("o3", "b", 10)).kind).toBe("taken");
    });

    test("refuses a request that overlaps with itself or lasts no time", async () => {
      const store = await open();
      const ask = (intervals: readonly Interval[]) =>
        store.reservations.reserve({ orderId: "o1", job: "j", intervals });
      await expect(ask([held("bay-1", 8, 10), held("bay-1", 9, 11)])).rejects.toThrow("overlap");
      await expect(ask([held("bay-1", 8, 8)])).rejects.toThrow("empty interval");
    });

    test("leaves no overlap, for any requests at once", async () => {
      const stores = await Promise.all([open(), open()]);
      const interval = fc
        .record({
          bay: fc.integer({ min: 1, max: 3 }),
          from: fc.nat(8),
          hours: fc.integer({ min: 1, max: 4 }),
        })
        .map(({ bay, from, hours }) => held(`bay-${bay}`, from, from + hours));
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(interval, { minLength: 2, maxLength: 8 }), async (asked) => {
          round += 1;
          const mine = (wanted: Interval) => ({
            ...wanted,
            resource: `${round}/${wanted.resource}`,
          });
          await Promise.all(
            asked.map((each, index) =>
              stores[index % 2 === 0 ? 0 : 1].reservations.reserve({
                ...{ orderId: `o${round}-${index}`, job: "j" },
                intervals: [mine(each)],
              }),
            ),
          );
          const bays = [1, 2, 3].map((bay) => `${round}/bay-${bay}`);
          const all = await stores[0].reservations.held(bays, { from: day, to: day + 24 * hour });
          expect(all.length).toBeGreaterThan(0);
          expect(overlaps(all)).toEqual([]);
        }),
        { numRuns: 15 },
      );
    });
  });
}

function held(resource: string, fromHour: number, toHour: number): Interval {
  return { resource, from: day + fromHour * hour, to: day + toHour * hour };
}

function overlaps(all: readonly Reservation[]) {
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter(
        ({ resource, from, to }) => resource === one.resource && from < one.to && to > one.from,
      ),
  );
}
