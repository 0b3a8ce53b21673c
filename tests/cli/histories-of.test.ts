/** Histories that come in pages: whole, each once, and nothing left out that can't be given. */

import { expect, test } from "vitest";
import { historiesOf, type OrderPage, type Pages } from "../../src/cli/histories/histories-of.ts";
import { historyOf } from "../audit/history.ts";

const { lines } = historyOf([
  { type: "WEIGH", payload: { weight: 2 } },
  { type: "NOTE", payload: { note: "n1", text: "ring twice" } },
  { type: "HAND_OVER" },
]);

const at = (day: string): string => `2026-03-${day}T00:00:00.000Z`;
const MARCH = { from: at("01"), to: "2026-04-01T00:00:00.000Z" };

function pagesOf(more: Partial<Pages>, size = 2): Pages {
  return {
    lines: (_, after) => Promise.resolve(lines.slice(after, after + size)),
    payloads: (_, after) =>
      Promise.resolve(
        lines.slice(after, after + size).map((line) => {
          const { revision, payload } = JSON.parse(line);
          return {
            revision,
            payload: revision === 3 ? { ...payload, text: "ring twice" } : payload,
          };
        }),
      ),
    orders: () => Promise.resolve({ orders: [], damaged: [], nextCursor: null }),
    definition: (_, digest) => Promise.resolve(`text of ${digest}`),
    close: () => Promise.resolve(),
    ...more,
  };
}

test("a history of several pages is whole, with the values that were shown and no others", async () => {
  const recorded = await historiesOf(pagesOf({})).read("parcel");
  expect(recorded?.lines).toEqual(lines);
  expect([...(recorded?.values.values() ?? [])]).toEqual(["ring twice"]);
  expect(recorded?.definitions.size).toBe(1);
});

test("a history with a line that is none, or with a gap, is read to where a replay would stop", async () => {
  const torn = [lines[0] ?? "", "torn", ...lines.slice(2)];
  const page = (_: string, after: number) => Promise.resolve(torn.slice(after, after + 2));
  expect((await historiesOf(pagesOf({ lines: page })).read("x"))?.lines).toEqual(torn.slice(0, 2));
  const gap = [lines[0] ?? "", lines[2] ?? "", lines[3] ?? ""];
  const after = (_: string, revision: number) =>
    Promise.resolve(gap.filter((line) => JSON.parse(line).revision > revision).slice(0, 1));
  expect((await historiesOf(pagesOf({ lines: after })).read("x"))?.lines).toEqual(gap);
});

test("of a period come those that began in it, as far as lists go back, and those that can't be given", async () => {
  const order = (id: string, began: string, changed: string) => ({
    ...{ id, createdAt: began, updatedAt: changed },
  });
  const pages: readonly OrderPage[] = [
    {
      orders: [order("a", at("31"), at("31")), order("b", MARCH.to, MARCH.to)],
      ...{ damaged: ["c is damaged"], nextCursor: "1" },
    },
    {
      orders: [order("d", "2026-02-28T23:59:59.999Z", at("02")), order("e", at("01"), at("01"))],
      ...{ damaged: [], nextCursor: "2" },
    },
    {
      orders: [order("f", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z")],
      ...{ damaged: [], nextCursor: "3" },
    },
  ];
  const asked: (string | null)[] = [];
  const orders = (_: string, cursor: string | null) => {
    asked.push(cursor);
    const page = pages[Number(cursor ?? "0")];
    return page === undefined ? Promise.reject(new Error("asked too far")) : Promise.resolve(page);
  };
  const found: string[] = [];
  for await (const each of historiesOf(pagesOf({ orders })).all("parcel", MARCH)) {
    found.push("kind" in each ? each.reason : each.id);
  }
  expect(found).toEqual(["c is damaged", "a", "e"]);
  expect(asked).toEqual([null, "1", "2"]);
});
