/** One recorded history through other versions of its process: what they refuse, and where they end. */

import { describe, expect, test } from "vitest";
import { backtestHistory, type Backtested } from "../../../src/audit/backtest/backtest-history.ts";
import type { Recorded } from "../../../src/audit/recorded.ts";
import { PARCEL } from "../../runtime/parcel.ts";
import { executableOf, historyOf, PARCEL_EXECUTABLE, type Happening } from "../history.ts";

const DELIVERED: readonly Happening[] = [
  { type: "WEIGH", payload: { weight: 2 } },
  { type: "NOTE", payload: { note: "n1", text: "ring twice" } },
  { type: "HAND_OVER" },
  { type: "timer.fired" },
  { type: "DELIVER", role: "courier" },
];

const BOOKING: Happening = {
  type: "BOOK",
  payload: { resources: ["bay"], from: "2026-11-23T08:00:00Z", to: "2026-11-23T09:00:00Z" },
};

const known = (digest: string) => (digest === PARCEL_EXECUTABLE.digest ? PARCEL_EXECUTABLE : null);

function recordedOf(happenings: readonly Happening[], values: Recorded["values"] = new Map()) {
  const { lines } = historyOf(happenings);
  return { id: "parcel-1", lines, definitions: new Map(), values };
}

/** The parcel's process with one text in place of another, as its next version. */
function changed(...edits: readonly (readonly [string, string])[]) {
  const text = edits.reduce(
    (whole, [from, to]) => {
      if (!whole.includes(from)) throw new Error(`expected ${from} in the process`);
      return whole.replace(from, to);
    },
    PARCEL.replace("version: 1.0.0", "version: 2.0.0"),
  );
  return executableOf(text);
}

function backtested(
  candidate: ReturnType<typeof changed>,
  happenings = DELIVERED,
  values?: Recorded["values"],
): Backtested {
  const result = backtestHistory(candidate, recordedOf(happenings, values), known);
  if (result.kind === "unproven") throw new Error(`unproven at ${result.revision}`);
  return result;
}

describe("a history that is run through a definition", () => {
  test("goes the same way under the definition that it happened under", () => {
    const result = backtested(PARCEL_EXECUTABLE);
    expect(result).toMatchObject({
      ...{ verdict: "same", entries: 6, version: "1.0.0", refusals: [], parting: null },
      ...{ told: { outcome: "received" }, effects: [] },
    });
    expect(result.found).toEqual(result.told);
  });

  test("is refused where a role may no longer send what it sent", () => {
    const result = backtested(changed(["DELIVER: { by: [courier] }", "DELIVER: { by: [lead] }"]));
    expect(result.verdict).toBe("refused");
    expect(result.refusals).toMatchObject([
      { revision: 6, event: "DELIVER", rejected: { code: "role-not-allowed" }, isDecided: true },
    ]);
    expect(result.found?.status).toBe("active");
  });

  test("is refused by a guard that is new, with the guard's text", () => {
    const guard = 'HAND_OVER: { guard: "= weight < 2", target: road,';
    const { refusals } = backtested(changed(["HAND_OVER: { target: road,", guard]));
    expect(refusals[0]).toMatchObject({
      ...{ revision: 4, event: "HAND_OVER" },
      rejected: { code: "event-not-enabled", because: "= weight < 2" },
    });
    // What comes after it can't happen either.
    expect(refusals.map(({ event }) => event)).toEqual(["HAND_OVER", "DELIVER"]);
  });

  test("is refused where it lacks data that the definition asks for, and goes no further", () => {
    const result = backtested(changed(["required: [recipient]", "required: [recipient, phone]"]));
    expect(result.refusals).toMatchObject([
      { revision: 1, event: "order.started", rejected: { code: "data-invalid" }, order: null },
    ]);
    expect(result).toMatchObject({ verdict: "refused", found: null });
  });

  test("ends elsewhere where an event leads elsewhere, and says where the ways part", () => {
    const result = backtested(
      changed(
        ["DELIVER: delivered", "DELIVER: returned"],
        [
          "    delivered:\n",
          "    returned: { type: final, meta: { outcome: returned } }\n    delivered:\n",
        ],
      ),
    );
    expect(result).toMatchObject({
      ...{ verdict: "elsewhere", refusals: [] },
      told: { status: "done", outcome: "received" },
      found: { status: "done", outcome: "returned" },
      parting: { revision: 6, event: "DELIVER", told: "delivered", found: "returned" },
    });
  });

  test("is refused before anything is known of it where the ways had parted already", () => {
    const result = backtested(
      changed(
        ["HAND_OVER: { target: road,", "HAND_OVER: { target: booking2,"],
        ["    booking:\n", "    booking2: {}\n    booking:\n"],
      ),
    );
    expect(result.parting).toMatchObject({ revision: 4, event: "HAND_OVER" });
    expect(result.refusals).toMatchObject([{ revision: 6, event: "DELIVER" }]);
  });

  test("lets timers of its own fire at their own instants, and known ones when they fired", () => {
    const sooner = changed(
      ["    booking:\n", "    shelf: { on: { DELIVER: delivered } }\n    booking:\n"],
      [
        "          after:\n            PT1H: {",
        '          after:\n            PT10M: "#shelf"\n            PT1H: {',
      ],
      ["    shelf: {", "    shelf: { id: shelf,"],
    );
    const result = backtested(sooner);
    expect(result.verdict).toBe("same");
    expect(result.parting).toMatchObject({ revision: 5, event: "timer.fired", found: "shelf" });
  });

  test("says which effects would have been more or fewer", () => {
    const louder = changed([
      "DELIVER: delivered",
      "DELIVER: { target: delivered, actions: [ { type: notify, params: { message: hello, to: x } } ] }",
    ]);
    expect(backtested(louder).effects).toEqual([{ effect: "notify hello", told: 1, found: 2 }]);
  });

  test("does not count a default that the new version has no more as data that was sent", () => {
    const other = changed(
      ["    tries: { type: number, default: 0 }\n", ""],
      [
        'actions: [ { type: assign, params: { tries: "= broken ? 1 / 0 : tries + 1" } } ]',
        "actions: []",
      ],
    );
    expect(backtested(other).verdict).toBe("same");
  });

  test("gives a job's result to the job that it stands for, whatever its number", () => {
    const { lines } = historyOf([BOOKING]);
    const job = /"job":"([^"]+)"/.exec(lines[1] ?? "")?.[1] ?? "";
    const happenings = [BOOKING, { type: "job.completed", payload: { job, output: {} } }];
    const earlier = changed(
      ["  states:\n    desk:", "  states:\n    early: { after: { PT0.5S: desk } }\n    desk:"],
      ["initial: desk", "initial: early"],
    );
    expect(backtested(earlier, happenings)).toMatchObject({
      ...{ verdict: "same", refusals: [], found: { state: "desk", waitsFor: [] } },
    });
  });
});

describe("personal values", () => {
  const stricter = [
    "text: { type: string, x-personal: true, maxLength: 40 }",
    "text: { type: string, x-personal: true, maxLength: 4 }",
  ] as const;

  test("that were disclosed are judged by the new schema", () => {
    const { lines } = historyOf(DELIVERED);
    const commitment = /"sealed":\{"\/text":"([0-9a-f]{64})"/.exec(lines[2] ?? "")?.[1] ?? "";
    const values = new Map([[commitment, "ring twice"]]);
    expect(backtested(changed(stricter), DELIVERED, values).refusals).toMatchObject([
      { revision: 3, event: "NOTE", rejected: { code: "payload-invalid" }, isDecided: true },
    ]);
  });

  test("that were not are believed", () => {
    expect(backtested(changed(stricter)).verdict).toBe("same");
  });

  test("that decide what is refused, and were not disclosed, leave it undecided", () => {
    const clear = [
      "text: { type: string, x-personal: true, maxLength: 40 }",
      "text: { type: string, maxLength: 4 }",
    ] as const;
    const result = backtested(changed(clear));
    expect(result.verdict).toBe("undecided");
    expect(result.refusals).toMatchObject([{ event: "NOTE", isDecided: false }]);
  });

  test("are sealed where only the new version calls them personal", () => {
    const from = "from: { type: string, format: date-time }";
    const personal = [from, "from: { type: string, format: date-time, x-personal: true }"] as const;
    const result = backtested(changed(personal, personal), [BOOKING]);
    expect(result).toMatchObject({ refusals: [], found: { state: "booking" }, verdict: "same" });
  });
});

test("a history that does not replay is not judged, and its first wrong entry is named", () => {
  const recorded = recordedOf(DELIVERED);
  const lines = recorded.lines.map((line) => line.replace('"weight":2', '"weight":3'));
  expect(backtestHistory(PARCEL_EXECUTABLE, { ...recorded, lines }, known)).toEqual({
    ...{ kind: "unproven", id: "parcel-1", revision: 2, field: "state" },
  });
});
