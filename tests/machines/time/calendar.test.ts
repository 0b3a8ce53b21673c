import { describe, expect, test } from "vitest";
import type { CalendarDeclaration } from "../../../machines/document/document.ts";
import { calendarFor, compileCalendar, compileCalendars } from "../../../machines/time/calendar.ts";
import { DAY_MS } from "../../../machines/time/zone.ts";
import { BERLIN, calendarOf, NEW_YORK, SHANGHAI } from "./calendars.ts";

const plain: CalendarDeclaration = { timeZone: "UTC", hours: { monday: ["09:00-18:00"] } };

describe("compileCalendar", () => {
  type Mistake = readonly [
    says: string,
    part: Partial<CalendarDeclaration>,
    severity: string,
    rule: string,
    pointer: string,
  ];
  test.each<Mistake>([
    [
      "a zone that does not exist",
      { timeZone: "Asia/Shangai" },
      "error",
      "unknown-time-zone",
      "/timeZone",
    ],
    ["an offset for a zone", { timeZone: "+08:00" }, "error", "unknown-time-zone", "/timeZone"],
    [
      "hours that are none",
      { hours: { friday: ["9-18"] } },
      "error",
      "bad-hours",
      "/hours/friday/0",
    ],
    [
      "a minute that is none",
      { hours: { friday: ["09:60-18:00"] } },
      "error",
      "bad-hours",
      "/hours/friday/0",
    ],
    [
      "hours past midnight",
      { hours: { friday: ["22:00-02:00"] } },
      "error",
      "bad-hours",
      "/hours/friday/0",
    ],
    [
      "hours past 24:00",
      { hours: { friday: ["22:00-24:30"] } },
      "error",
      "bad-hours",
      "/hours/friday/0",
    ],
    [
      "empty hours",
      { hours: { friday: ["09:00-09:00"] } },
      "error",
      "bad-hours",
      "/hours/friday/0",
    ],
    [
      "an opening at 24:00",
      { hours: { friday: ["24:00-24:00"] } },
      "error",
      "bad-hours",
      "/hours/friday/0",
    ],
    [
      "hours that overlap",
      { hours: { friday: ["09:00-13:00", "12:00-18:00"] } },
      "error",
      "hours-overlap",
      "/hours/friday/1",
    ],
    [
      "hours out of order",
      { hours: { friday: ["13:00-18:00", "09:00-12:00"] } },
      "error",
      "hours-out-of-order",
      "/hours/friday/1",
    ],
    [
      "a holiday that no calendar has",
      { holidays: ["2026-02-29"] },
      "error",
      "bad-date",
      "/holidays/0",
    ],
    [
      "a holiday with a time",
      { holidays: ["2026-01-01", "2026-02-01T00:00"] },
      "error",
      "bad-date",
      "/holidays/1",
    ],
    [
      "a holiday twice",
      { holidays: ["2026-01-01", "2026-01-01"] },
      "warning",
      "date-twice",
      "/holidays/1",
    ],
    [
      "a holiday after validTo",
      { holidays: ["2027-01-01"], validTo: "2026-12-31" },
      "warning",
      "date-beyond-calendar",
      "/holidays/0",
    ],
    [
      "a make-up day that no calendar has",
      { makeUpDays: ["2026-06-31"] },
      "error",
      "bad-date",
      "/makeUpDays/0",
    ],
    [
      "a make-up day with hours, on no date",
      { makeUpDays: [{ date: "6 June", hours: ["09:00-10:00"] }] },
      "error",
      "bad-date",
      "/makeUpDays/0/date",
    ],
    [
      "a make-up day after validTo",
      { makeUpDays: ["2027-01-02"], validTo: "2026-12-31" },
      "error",
      "date-beyond-calendar",
      "/makeUpDays/0",
    ],
    [
      "a make-up day twice",
      { makeUpDays: ["2026-01-04", "2026-01-04"] },
      "warning",
      "date-twice",
      "/makeUpDays/1",
    ],
    [
      "a make-up day with bad hours",
      { makeUpDays: [{ date: "2026-01-04", hours: ["09:00-10:00", "x"] }] },
      "error",
      "bad-hours",
      "/makeUpDays/0/hours/1",
    ],
    [
      "a make-up day without hours",
      { makeUpDays: [{ date: "2026-01-04", hours: [] }] },
      "error",
      "make-up-day-without-hours",
      "/makeUpDays/0/hours",
    ],
    [
      "a make-up day like a Monday that is closed",
      { hours: { friday: ["09:00-10:00"] }, makeUpDays: ["2026-01-04"] },
      "error",
      "make-up-day-without-hours",
      "/makeUpDays/0",
    ],
    ["a last date that is none", { validTo: "2026-13-01" }, "error", "bad-date", "/validTo"],
    ["no open hour at all", { hours: { monday: [] } }, "warning", "calendar-never-opens", "/hours"],
  ])("reports %s", (_, part, severity, rule, pointer) => {
    const { calendar, findings } = compileCalendar({ ...plain, ...part }, "/calendars/x");
    const expected = { severity, rule, pointer: `/calendars/x${pointer}`, line: null };
    expect(findings).toEqual([expect.objectContaining(expected)]);
    expect(calendar === null).toBe(severity === "error");
  });

  test("reports all mistakes in one pass", () => {
    const { findings } = compileCalendar(
      {
        timeZone: "X",
        hours: { monday: ["a"], sunday: ["b"] },
        holidays: ["c"],
        makeUpDays: ["d"],
        validTo: "e",
      },
      "",
    );
    expect(findings.map(({ pointer }) => pointer)).toEqual([
      "/timeZone",
      "/hours/sunday/0",
      "/hours/monday/0",
      "/validTo",
      "/holidays/0",
      "/makeUpDays/0",
    ]);
  });

  test.each([SHANGHAI, BERLIN, NEW_YORK])(
    "has nothing to say of a sound calendar",
    (declaration) => {
      expect(compileCalendar(declaration, "").findings).toEqual([]);
    },
  );

  const openings = (declaration: CalendarDeclaration, date: string) =>
    calendarOf(declaration)
      .openings(Date.parse(date) / DAY_MS)
      .map(({ opens, closes }) => [opens, closes].map((ms) => new Date(ms).toISOString()));

  test("joins hours that touch", () => {
    const hours = { monday: ["09:00-12:00", "12:00-18:00"] };
    expect(openings({ timeZone: "UTC", hours }, "2026-11-23")).toEqual([
      ["2026-11-23T09:00:00.000Z", "2026-11-23T18:00:00.000Z"],
    ]);
  });

  test("closes on holidays, and opens on make-up days although they are holidays", () => {
    const both = { ...plain, holidays: ["2026-11-23", "2026-11-30"], makeUpDays: ["2026-11-30"] };
    expect(openings(both, "2026-11-23")).toEqual([]);
    expect(openings(both, "2026-11-30")).toHaveLength(1);
  });

  test("drops hours that a clock change skips", () => {
    const hours = { sunday: ["02:10-02:50", "08:00-09:00"] };
    const declaration = { timeZone: "Europe/Berlin", hours };
    expect(openings(declaration, "2026-03-29")).toHaveLength(1);
    expect(openings(declaration, "2026-04-05")).toHaveLength(2);
  });

  test("knows the weekdays before 1970 as well", () => {
    expect(openings(plain, "1969-12-29")).toHaveLength(1);
    expect(openings(plain, "1969-12-30")).toHaveLength(0);
  });
});

describe("compileCalendars", () => {
  test("reports a centre that two calendars name, and points into the second", () => {
    const { findings } = compileCalendars(
      { a: { ...plain, centres: ["x", "y"] }, "b/c": { ...plain, centres: ["z", "y"] } },
      "/calendars",
    );
    expect(findings).toEqual([
      expect.objectContaining({
        rule: "centre-in-two-calendars",
        pointer: "/calendars/b~1c/centres/1",
      }),
    ]);
  });

  test("leaves out a calendar with an error and keeps the others", () => {
    const { calendars } = compileCalendars({ a: { ...plain, timeZone: "?" }, b: plain }, "");
    expect([...calendars.keys()]).toEqual(["b"]);
  });
});

describe("calendarFor", () => {
  const { calendars } = compileCalendars({ default: plain, shanghai: SHANGHAI }, "");

  test("is the calendar that names the centre", () => {
    expect(calendarFor(calendars, "sh-02")).toBe(calendars.get("shanghai"));
  });

  test.each(["bj-01", "shanghai", null])("is the default for centre %s", (centre) => {
    expect(calendarFor(calendars, centre)).toBe(calendars.get("default"));
  });

  test("is none without a default", () => {
    expect(calendarFor(new Map(), "sh-01")).toBeNull();
  });
});
