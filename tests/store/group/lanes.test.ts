/** Lanes: one order's tasks in their order, one at a time; and room that is given back to the last place. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { StoreBusy } from "../../../src/store/errors.ts";
import { createLanes, type Lane } from "../../../src/store/group/lanes.ts";
import { numbers } from "../fixtures.ts";
import { storedOrder, testTask } from "./support.ts";

describe("lanes", () => {
  test("give one order's tasks one after the other, and all that were let in to their end", () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), order: fc.integer({ min: 1, max: 4 }) }),
      fc.constantFrom(
        { kind: "take" as const },
        { kind: "end" as const },
        { kind: "put back" as const },
      ),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        const lanes = createLanes(
          10,
          (id) => (id === "o1" ? "a" : "b"),
          () => undefined,
        );
        const waiting = new Map<string, string[]>();
        const taken: Lane[] = [];
        let count = 0;
        const end = (lane: Lane): void => {
          const [{ key }] = lane.tasks;
          expect(key?.key).toBe(waiting.get(lane.orderId)?.shift());
          lanes.end(lane);
        };
        for (const each of acts) {
          if (each.kind === "add") {
            const id = `o${each.order}`;
            count += 1;
            const key = { caller: "ann", key: `${count}`, fingerprint: "" };
            try {
              lanes.add(testTask(id, { key }));
              waiting.set(id, [...(waiting.get(id) ?? []), key.key]);
            } catch (error) {
              expect(error).toBeInstanceOf(StoreBusy);
            }
          } else if (each.kind === "take") {
            const lane = lanes.ready.take();
            if (lane === null) continue;
            expect(taken.map(({ orderId }) => orderId)).not.toContain(lane.orderId);
            taken.push(lane);
          } else {
            const lane = taken.shift();
            if (lane === undefined) continue;
            if (each.kind === "end") end(lane);
            else lanes.putBack(lane);
          }
        }
        for (const lane of taken) end(lane);
        for (let lane = lanes.ready.take(); lane !== null; lane = lanes.ready.take()) end(lane);
        expect([...waiting.values()].flat()).toEqual([]);
        // Nothing of the room is lost.
        for (const each of numbers(5)) lanes.add(testTask(`new ${each}`));
      }),
    );
  });

  test("take an order's turns with its centre's as soon as that is known, its share included", () => {
    const lanes = createLanes(
      8,
      () => "unknown",
      () => undefined,
    );
    for (const each of numbers(4)) lanes.add(testTask(`o${each}`));
    expect(() => lanes.add(testTask("o5"))).toThrow(StoreBusy);
    const known = lanes.ready.take();
    if (known === null) throw new Error("expected a lane");
    const order = storedOrder(known.orderId, 1, { head: { centre: "sh-01" } });
    known.loaded = { order, checkpoint: 0, settled: null, isOdd: false };
    lanes.putBack(known);
    lanes.ready.take();
    expect(lanes.ready.take()?.owner).toBe("sh-01");
    lanes.end(known);
    lanes.add(testTask("o5"));
  });

  test("are read first when their orders are not at hand", () => {
    const lanes = createLanes(
      8,
      (orderId) => (orderId === "cold" ? null : "sh-01"),
      () => undefined,
    );
    for (const id of ["hot", "cold"]) lanes.add(testTask(id));
    expect([lanes.ready.size(), lanes.unread.size()]).toEqual([1, 1]);
    const cold = lanes.unread.take();
    expect(cold?.orderId).toBe("cold");
    if (cold !== null) lanes.putBack(cold);
    expect([lanes.ready.size(), lanes.unread.size()]).toEqual([2, 0]);
    const hot = lanes.ready.take();
    if (hot !== null) lanes.toRead(hot);
    expect([lanes.ready.size(), lanes.unread.size()]).toEqual([1, 1]);
  });

  test("are empty when the last one has ended, and at once when there is none", async () => {
    const lanes = createLanes(
      8,
      () => "",
      () => undefined,
    );
    await lanes.empty();
    lanes.add(testTask("o1"));
    let isEmpty = false;
    const empty = lanes.empty().then(() => (isEmpty = true));
    const lane = lanes.ready.take();
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    if (lane !== null) lanes.end(lane);
    await empty;
    expect(isEmpty).toBe(true);
  });
});
