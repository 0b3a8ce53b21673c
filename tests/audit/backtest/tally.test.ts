/** What many backtested histories came to, counted by kind. */

import { expect, test } from "vitest";
import type { Backtested } from "../../../src/audit/backtest/backtest-history.ts";
import type { Refusal } from "../../../src/audit/backtest/course.ts";
import { createTally } from "../../../src/audit/backtest/tally.ts";

const DONE = { status: "done", outcome: "received", state: "delivered", waitsFor: [] } as const;

function result(id: string, more: Partial<Backtested> = {}): Backtested {
  return {
    ...{ kind: "backtested", id, verdict: "same", entries: 3, version: "1.0.0", refusals: [] },
    ...{ told: DONE, found: DONE, parting: null, effects: [], isMigrated: false },
    ...more,
  };
}

function refusal(pointer: string, more: Partial<Refusal> = {}): Refusal {
  const errors = [{ pointer, message: "expected a text" }];
  return {
    ...{ revision: 2, at: "2026-11-22T08:00:00.000Z", event: "NOTE", order: null, isDecided: true },
    rejected: { kind: "rejected", code: "payload-invalid", detail: "", errors },
    ...more,
  };
}

test("a tally counts each history once, by the first cause that is certain", () => {
  const tally = createTally();
  for (let at = 0; at < 5; at += 1) tally.add(result(`same-${at}`));
  const unsure = refusal("/mood", { isDecided: false, revision: 1 });
  for (let at = 0; at < 4; at += 1) {
    const refusals = [unsure, refusal(`/lines/${at}/text`), refusal("/other")];
    tally.add(result(`refused-${at}`, { verdict: "refused", refusals }));
  }
  tally.add(result("unsure", { verdict: "undecided", refusals: [unsure], version: "1.10.0" }));
  const found = { ...DONE, outcome: "returned" };
  tally.add(result("away", { verdict: "elsewhere", found, version: "1.9.0", isMigrated: true }));
  tally.addUnread("0.ndjson is cut");
  tally.add({ kind: "unproven", id: "torn", revision: 2, field: "prev" });
  const summary = tally.summary();
  expect(summary).toMatchObject({
    ...{ histories: 13, entries: 33, migrated: 1, unprovenCount: 2 },
    verdicts: { same: 5, elsewhere: 1, refused: 4, undecided: 1 },
    versions: [
      ["1.0.0", 9],
      ["1.9.0", 1],
      ["1.10.0", 1],
    ],
  });
  // Places in a list are one kind.
  expect(summary.refusals.map(({ count, examples }) => [count, examples.length])).toEqual([
    [4, 3],
    [1, 1],
  ]);
  expect(summary.refusals[0]?.examples[0]).toEqual({ id: "refused-0", revision: 2 });
  expect(summary.endings).toMatchObject([{ count: 1, told: DONE, found }]);
  expect(summary.unproven).toMatchObject([{ id: "torn" }]);
});

test("a tally sums what effects would have been more or fewer", () => {
  const tally = createTally();
  tally.add(result("a", { effects: [{ effect: "notify hello", told: 1, found: 2 }] }));
  tally.add(result("b", { effects: [{ effect: "notify hello", told: 3, found: 0 }] }));
  expect(tally.summary().effects).toEqual([
    { effect: "notify hello", told: 4, found: 2, histories: 2 },
  ]);
});
