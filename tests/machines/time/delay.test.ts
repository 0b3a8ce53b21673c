import { describe, expect, test } from "vitest";
import type { Json } from "../../../machines/json.ts";
import { dueAt, parseDelay } from "../../../machines/time/delay.ts";
import { isProblem } from "../../../machines/time/problem.ts";
import { calendarOf, SHANGHAI } from "./calendars.ts";

const shanghai = calendarOf(SHANGHAI);
const NOW = "2026-11-20T09:30:00.000Z"; // Friday 17:30 in Shanghai, which closes at 18:00.

describe("parseDelay", () => {
  test.each([
    ["PT15M", { kind: "duration", duration: { exactMs: 900_000 } }],
    ["P1M", { kind: "duration", duration: { months: 1 } }],
    ["working PT2H", { kind: "working", duration: { exactMs: 7_200_000 } }],
    ["working P2D", { kind: "working", duration: { days: 2 } }],
    ["= slot.start", { kind: "expression", source: "slot.start", working: false }],
    ["working = data.patience", { kind: "expression", source: "data.patience", working: true }],
  ])("reads %s", (key, delay) => {
    expect(parseDelay(key)).toMatchObject(delay);
  });

  test.each([
    ["", "ISO 8601"],
    ["15m", "ISO 8601"],
    ["1000", "ISO 8601"],
    ["-PT15M", "without a sign"],
    ["=slot.start", "ISO 8601"],
    ["= ", "expression"],
    ["working =  ", "expression"],
    ["working", "ISO 8601"],
    ["working  PT2H", "ISO 8601"],
    ["Working PT2H", "ISO 8601"],
    ["working P1W", "working time in days"],
    ["working P1M", "working time in days"],
    ["2026-11-22T08:00:00Z", "ISO 8601"],
  ])("refuses %j and says why", (key, why) => {
    expect(parseDelay(key)).toEqual({ problem: expect.stringContaining(why) });
  });
});

describe("dueAt", () => {
  const due = (key: string, calendar = shanghai, now = NOW) => {
    const delay = parseDelay(key);
    if (isProblem(delay) || delay.kind === "expression") throw new Error(key);
    return dueAt(delay, now, calendar);
  };

  test("counts plain hours whether open or not", () => {
    expect(due("PT2H")).toBe("2026-11-20T11:30:00.000Z");
  });

  test("counts working hours on the calendar", () => {
    expect(due("working PT2H")).toBe("2026-11-23T02:30:00.000Z");
    expect(due("working P1D")).toBe("2026-11-23T09:30:00.000Z");
  });

  test("counts plain days on the wall clock of the calendar's zone, of UTC without one", () => {
    const berlin = calendarOf({ timeZone: "Europe/Berlin", hours: {} });
    const delay = parseDelay("P1D");
    if (isProblem(delay) || delay.kind === "expression") throw new Error("P1D");
    const now = "2026-03-28T12:00:00.000Z";
    expect(dueAt(delay, now, berlin)).toBe("2026-03-29T11:00:00.000Z");
    expect(dueAt(delay, now, null)).toBe("2026-03-29T12:00:00.000Z");
  });

  test("refuses working time without a calendar", () => {
    const delay = parseDelay("working PT1H");
    if (isProblem(delay) || delay.kind === "expression") throw new Error("working PT1H");
    expect(dueAt(delay, NOW, null)).toEqual({ problem: expect.stringContaining("calendar") });
  });
});

describe("dueAt with what an expression gave", () => {
  const due = (value: Json, working = false) =>
    dueAt({ kind: "evaluated", value, working }, NOW, shanghai);

  test.each<[says: string, value: string, working: boolean, expected: string]>([
    ["counts a duration", "PT45M", false, "2026-11-20T10:15:00.000Z"],
    ["counts a working duration", "PT45M", true, "2026-11-23T01:15:00.000Z"],
    ["takes an instant as it is", "2026-11-22T10:00:00+08:00", false, "2026-11-22T02:00:00.000Z"],
    [
      "moves a working instant to the next opening",
      "2026-11-22T10:00:00+08:00",
      true,
      "2026-11-23T01:00:00.000Z",
    ],
    [
      "keeps a working instant within opening hours",
      "2026-11-23T10:00:00+08:00",
      true,
      "2026-11-23T02:00:00.000Z",
    ],
    ["takes now for a past instant", "2026-11-01T00:00:00Z", false, NOW],
    ["takes now for this very instant", NOW, false, NOW],
  ])("%s", (_, value, working, expected) => {
    expect(due(value, working)).toBe(expected);
  });

  test.each<Json>([null, 5, "", "soon", "-PT5M", "2026-11-22", ["PT5M"], { at: NOW }])(
    "refuses %j",
    (value) => {
      expect(due(value)).toEqual({
        problem: expect.stringContaining("Expected the delay's expression"),
      });
    },
  );

  test("refuses an instant more than a hundred years ahead", () => {
    expect(due("2126-11-20T09:30:00Z")).toBe("2126-11-20T09:30:00.000Z");
    expect(due("2126-11-20T09:30:00.001Z")).toEqual({
      problem: expect.stringContaining("100 years"),
    });
  });

  test("refuses a working duration in weeks", () => {
    expect(due("P1W", true)).toEqual({ problem: expect.stringContaining("working time in days") });
  });
});
