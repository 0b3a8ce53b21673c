/** A batch's lanes: whatever the lines, those of one order follow each other, and only so many run at once. */

import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBatch } from "../../src/runtime/batch.ts";
import type { BatchLine, Caller, Orders } from "../../src/runtime/engine.ts";
import { refused } from "../../src/runtime/refusal.ts";

const CALLER: Caller = { sub: "ann", roles: ["clerk"], centres: null };
const PLACES = 6;

/** Answers after a number of turns of the event loop; the type says how many, and whether it throws. */
function recorded() {
  const log: { readonly id: string; readonly type: string }[] = [];
  const under = { way: 0, most: 0, orders: new Set<string>(), clash: false };
  const send: Orders["send"] = async (_caller, id, { type }) => {
    if (under.orders.has(id)) under.clash = true;
    under.orders.add(id);
    under.way += 1;
    under.most = Math.max(under.most, under.way);
    for (let turns = type.length % 4; turns > 0; turns -= 1) await setImmediate();
    under.way -= 1;
    under.orders.delete(id);
    log.push({ id, type });
    if (type.startsWith("!")) throw new Error(type);
    return refused("event-unknown", type);
  };
  return { send, log, under };
}

const lines = fc.array(
  fc
    .record({
      id: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
      type: fc.string({ maxLength: 5 }),
    })
    .map(({ id, type }): BatchLine => ({ id, event: { type, payload: {} }, options: {} })),
  { maxLength: 60 },
);

describe("a batch", () => {
  test("answers every line in its place, keeps each order's order, and throws for none", async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (batch) => {
        const { send, log, under } = recorded();
        const results = await createBatch(PLACES)(send)(CALLER, batch);
        const said = results.map((result) => {
          if (result.kind === "ok") return "ok";
          return result.kind === "refused" ? result.detail : String(result.error).slice(7);
        });
        expect(said).toEqual(batch.map(({ event }) => event.type));
        for (const id of new Set(batch.map((line) => line.id))) {
          const own = batch.filter((line) => line.id === id).map(({ event }) => event.type);
          expect(log.filter((each) => each.id === id).map(({ type }) => type)).toEqual(own);
        }
        expect(under.clash).toBe(false);
        expect(under.most).toBeLessThanOrEqual(PLACES);
      }),
      { numRuns: 60 },
    );
  });

  test("shares its places with every other batch of the server", async () => {
    const { send, under } = recorded();
    const sendAll = createBatch(PLACES)(send);
    const many = Array.from({ length: 50 }, (_, index) => ({
      ...{ id: `o${index}`, event: { type: "abc", payload: {} }, options: {} },
    }));
    const all = await Promise.all([sendAll(CALLER, many), sendAll(CALLER, many)]);
    expect(all.flat()).toHaveLength(100);
    expect(under.most).toBe(PLACES);
  });
});
