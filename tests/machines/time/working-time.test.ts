import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { parseDuration, type Duration } from "../../../machines/time/duration.ts";
import { epochMs, formatInstant } from "../../../machines/time/instant.ts";
import { isProblem, type Problem } from "../../../machines/time/problem.ts";
import { addWorkingTime, workingTimeBetween } from "../../../machines/time/working-time.ts";
import { Temporal } from "temporal-polyfill";
import { BERLIN, calendarOf, NEW_YORK, SHANGHAI } from "./calendars.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

const [shanghai, berlin, newYork] = [SHANGHAI, BERLIN, NEW_YORK].map(calendarOf);
const calendars = { shanghai, berlin, newYork };

function must<T>(result: T | Problem): T {
  if (isProblem(result)) throw new Error(result.problem);
  return result;
}

const instant = (text: string) => formatInstant(epochMs(text));
const ofMs = (exactMs: number): Duration => ({ years: 0, months: 0, weeks: 0, days: 0, exactMs });

function calendarNamed(name: keyof typeof calendars) {
  const calendar = calendars[name];
  if (calendar === undefined) throw new Error(`no calendar ${name}`);
  return calendar;
}

type Case = readonly [
  says: string,
  calendar: keyof typeof calendars,
  at: string,
  duration: string,
  due: string,
];

describe("addWorkingTime, exact", () => {
  test.each<Case>([
    [
      "passes within an opening",
      "shanghai",
      "2026-11-23T09:30:00+08:00",
      "PT2H",
      "2026-11-23T11:30:00+08:00",
    ],
    [
      "steps over the noon break",
      "shanghai",
      "2026-11-23T11:00:00+08:00",
      "PT2H",
      "2026-11-23T14:00:00+08:00",
    ],
    [
      "may end at a closing",
      "shanghai",
      "2026-11-23T11:00:00+08:00",
      "PT1H",
      "2026-11-23T12:00:00+08:00",
    ],
    [
      "waits for the morning",
      "shanghai",
      "2026-11-23T06:00:00+08:00",
      "PT15M",
      "2026-11-23T09:15:00+08:00",
    ],
    [
      "waits over the weekend",
      "shanghai",
      "2026-11-20T17:30:00+08:00",
      "PT1H",
      "2026-11-23T09:30:00+08:00",
    ],
    [
      "begins at the next opening with nothing to add",
      "shanghai",
      "2026-11-22T10:00:00+08:00",
      "PT0S",
      "2026-11-23T09:00:00+08:00",
    ],
    [
      "stays at a closing with nothing to add",
      "shanghai",
      "2026-11-20T18:00:00+08:00",
      "PT0S",
      "2026-11-20T18:00:00+08:00",
    ],
    [
      "steps over the Spring Festival",
      "shanghai",
      "2026-02-14T17:00:00+08:00",
      "PT2H",
      "2026-02-24T10:00:00+08:00",
    ],
    [
      "works on a make-up Saturday",
      "shanghai",
      "2026-02-27T17:00:00+08:00",
      "PT2H",
      "2026-02-28T10:00:00+08:00",
    ],
    [
      "keeps a make-up day's own hours",
      "shanghai",
      "2026-10-09T17:30:00+08:00",
      "PT1H",
      "2026-10-10T10:30:00+08:00",
    ],
    [
      "counts two hours of three on the clock where one is skipped",
      "berlin",
      "2026-03-29T00:30:00+01:00",
      "PT3H",
      "2026-03-29T04:30:00+02:00",
    ],
    [
      "ends a Sunday of five hours at six",
      "berlin",
      "2026-03-29T00:00:00+01:00",
      "PT5H",
      "2026-03-29T06:00:00+02:00",
    ],
    [
      "counts the repeated hour twice",
      "berlin",
      "2026-10-25T00:00:00+02:00",
      "PT7H",
      "2026-10-25T06:00:00+01:00",
    ],
    [
      "runs a day of 23 hours",
      "newYork",
      "2027-03-15T00:00:00-04:00",
      "PT24H",
      "2027-03-16T00:00:00-04:00",
    ],
    [
      "closes at the jump where the closing time is skipped",
      "newYork",
      "2026-03-08T01:44:00-05:00",
      "PT16M",
      "2026-03-08T05:01:00-04:00",
    ],
    [
      "begins where the day before ends at midnight",
      "newYork",
      "2026-11-21T23:30:00-05:00",
      "PT1H",
      "2026-11-22T00:30:00-05:00",
    ],
  ])("%s", (_, name, at, duration, due) => {
    const result = addWorkingTime(instant(at), must(parseDuration(duration)), calendarNamed(name));
    expect(result).toBe(instant(due));
  });
});

describe("addWorkingTime, days", () => {
  test.each<Case>([
    [
      "keeps the local time",
      "shanghai",
      "2026-11-23T10:20:00+08:00",
      "P1D",
      "2026-11-24T10:20:00+08:00",
    ],
    [
      "counts working days only",
      "shanghai",
      "2026-11-19T10:20:00+08:00",
      "P3D",
      "2026-11-24T10:20:00+08:00",
    ],
    [
      "counts make-up days, not holidays",
      "shanghai",
      "2026-02-13T10:20:00+08:00",
      "P2D",
      "2026-02-24T10:20:00+08:00",
    ],
    [
      "waits for the next opening before it counts",
      "shanghai",
      "2026-11-20T20:00:00+08:00",
      "P1D",
      "2026-11-24T09:00:00+08:00",
    ],
    [
      "is at the closing where the day has closed by then",
      "shanghai",
      "2026-10-09T17:30:00+08:00",
      "P1D",
      "2026-10-10T16:00:00+08:00",
    ],
    [
      "is at the opening where the day has not opened yet",
      "shanghai",
      "2026-10-09T09:30:00+08:00",
      "P1D",
      "2026-10-10T10:00:00+08:00",
    ],
    [
      "is at the next opening where the day has a break",
      "berlin",
      "2026-11-15T22:10:00+01:00",
      "P1D",
      "2026-11-16T17:00:00+01:00",
    ],
    [
      "stays at the closing before a break",
      "shanghai",
      "2026-11-23T12:00:00+08:00",
      "P1D",
      "2026-11-24T12:00:00+08:00",
    ],
    [
      "adds hours after days",
      "shanghai",
      "2026-11-23T17:00:00+08:00",
      "P1DT2H",
      "2026-11-25T10:00:00+08:00",
    ],
    [
      "keeps the local time over a clock change",
      "berlin",
      "2026-03-27T10:00:00+01:00",
      "P2D",
      "2026-03-30T10:00:00+02:00",
    ],
    [
      "is at the jump where the local time is skipped",
      "berlin",
      "2026-03-22T02:30:00+01:00",
      "P6D",
      "2026-03-29T03:00:00+02:00",
    ],
    [
      "is at the first time where the local time is repeated",
      "berlin",
      "2026-10-18T02:30:00+02:00",
      "P6D",
      "2026-10-25T02:30:00+02:00",
    ],
    [
      "takes midnight at the end of an opening for the end of its day",
      "newYork",
      "2026-11-17T00:00:00-05:00",
      "P1D",
      "2026-11-22T00:00:00-05:00",
    ],
    [
      "is the next opening with no day to add",
      "shanghai",
      "2026-11-22T10:00:00+08:00",
      "P0D",
      "2026-11-23T09:00:00+08:00",
    ],
  ])("%s", (_, name, at, duration, due) => {
    const result = addWorkingTime(instant(at), must(parseDuration(duration)), calendarNamed(name));
    expect(result).toBe(instant(due));
  });
});

describe("addWorkingTime, refusals", () => {
  test("names the last known date when the time lies beyond it", () => {
    const at = instant("2026-12-31T17:00:00+08:00");
    const problem = { problem: expect.stringContaining("2026-12-31") };
    const add = (text: string) =>
      addWorkingTime(at, must(parseDuration(text)), calendarNamed("shanghai"));
    expect(add("PT1H")).toBe(instant("2026-12-31T18:00:00+08:00"));
    expect(add("PT1H0M0.001S")).toEqual(problem);
    expect(add("P1D")).toEqual(problem);
    const later = instant("2027-01-01T08:00:00+08:00");
    expect(addWorkingTime(later, ofMs(0), calendarNamed("shanghai"))).toEqual(problem);
    expect(workingTimeBetween(at, later, calendarNamed("shanghai"))).toEqual(problem);
  });

  test("ends on a calendar that never opens, or never opens again", () => {
    const problem = { problem: expect.stringContaining("opens again") };
    const at = instant("2026-11-23T08:00:00Z");
    const never = calendarOf({ timeZone: "UTC", hours: {} });
    expect(addWorkingTime(at, ofMs(1), never)).toEqual(problem);
    expect(addWorkingTime(at, must(parseDuration("P1D")), never)).toEqual(problem);
    const once = calendarOf({
      timeZone: "UTC",
      hours: {},
      makeUpDays: [{ date: "2026-11-24", hours: ["08:00-09:00"] }],
    });
    expect(addWorkingTime(at, ofMs(3_600_000), once)).toBe("2026-11-24T09:00:00.000Z");
    expect(addWorkingTime(at, ofMs(3_600_001), once)).toEqual(problem);
  });

  test("ends where the time would take more than a hundred years", () => {
    const seldom = calendarOf({ timeZone: "Europe/Berlin", hours: { monday: ["08:00-08:01"] } });
    const at = instant("2026-11-23T08:00:00Z");
    expect(addWorkingTime(at, ofMs(100 * 3_600_000), seldom)).toEqual({
      problem: expect.stringContaining("within 100 years"),
    });
  });

  test.each(["P1W", "P1M", "P1Y"])("refuses %s, which no working day defines", (text) => {
    const result = addWorkingTime(
      instant("2026-11-23T08:00:00Z"),
      must(parseDuration(text)),
      calendarNamed("berlin"),
    );
    expect(result).toEqual({ problem: expect.stringContaining("working time in days") });
  });
});

test("an opening goes on while the clock that was set back over midnight shows the date before", () => {
  const stJohns = calendarOf({ timeZone: "America/St_Johns", hours: { sunday: ["00:00-06:00"] } });
  const [again, later] = ["2010-11-06T23:30:00-03:30", "2010-11-07T00:30:00-03:30"].map(instant);
  expect(addWorkingTime(again ?? "", ofMs(3_600_000), stJohns)).toBe(later);
  expect(workingTimeBetween(again ?? "", later ?? "", stJohns)).toBe(3_600_000);
});

describe("workingTimeBetween", () => {
  const hours = (from: string, to: string, name: keyof typeof calendars) =>
    must(workingTimeBetween(instant(from), instant(to), calendarNamed(name))) / 3_600_000;

  test("counts opening hours only", () => {
    expect(hours("2026-11-20T17:00:00+08:00", "2026-11-23T10:00:00+08:00", "shanghai")).toBe(2);
    expect(hours("2026-02-15T00:00:00+08:00", "2026-02-24T00:00:00+08:00", "shanghai")).toBe(0);
  });

  test("counts what elapses where clocks change", () => {
    expect(hours("2026-03-29T00:00:00+01:00", "2026-03-29T07:00:00+02:00", "berlin")).toBe(5);
    expect(hours("2026-10-25T00:00:00+02:00", "2026-10-25T07:00:00+01:00", "berlin")).toBe(7);
  });

  test("is negative backwards", () => {
    expect(hours("2026-11-23T10:00:00+08:00", "2026-11-20T17:00:00+08:00", "shanghai")).toBe(-2);
  });
});

/** Instants of 2026, half of them within two days of a clock change or the Spring Festival. */
const instants = fc
  .oneof(
    fc.integer({ min: epochMs("2026-01-02T00:00:00Z"), max: epochMs("2026-11-30T00:00:00Z") }),
    fc
      .tuple(
        fc.constantFrom(
          "2026-03-29T01:00:00Z",
          "2026-10-25T01:00:00Z",
          "2026-03-08T07:00:00Z",
          "2026-11-01T06:00:00Z",
          "2026-02-14T10:00:00Z",
        ),
        fc.integer({ min: -172_800_000, max: 172_800_000 }),
      )
      .map(([at, away]) => epochMs(at) + away),
  )
  .chain((ms) => fc.constantFrom(ms, ms - (ms % 900_000)))
  .map(formatInstant);
const amounts = fc
  .oneof(
    fc.nat({ max: 40 }).map((quarters) => quarters * 900_000),
    fc.nat({ max: 200_000_000 }),
  )
  .map(ofMs);
const names = fc.constantFrom("shanghai" as const, "berlin" as const, "newYork" as const);

describe("the laws of working time", () => {
  test("adding a and then b is adding a + b", () => {
    fc.assert(
      fc.property(names, instants, amounts, amounts, (name, at, a, b) => {
        const calendar = calendarNamed(name);
        const then = addWorkingTime(must(addWorkingTime(at, a, calendar)), b, calendar);
        expect(then).toBe(addWorkingTime(at, ofMs(a.exactMs + b.exactMs), calendar));
      }),
      { numRuns: 1_000 },
    );
  });

  test("a later start or a longer time never ends earlier", () => {
    fc.assert(
      fc.property(names, instants, instants, amounts, amounts, (name, at1, at2, a1, a2) => {
        const calendar = calendarNamed(name);
        const [early, late] = [at1, at2].toSorted();
        const [short, long] = [a1, a2].toSorted((a, b) => a.exactMs - b.exactMs);
        const first = must(addWorkingTime(early ?? at1, short ?? a1, calendar));
        const second = must(addWorkingTime(late ?? at2, long ?? a2, calendar));
        expect(first <= second).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("the working time to a result is what was added", () => {
    fc.assert(
      fc.property(names, instants, amounts, (name, at, amount) => {
        const calendar = calendarNamed(name);
        const end = must(addWorkingTime(at, amount, calendar));
        expect(end >= at).toBe(true);
        expect(workingTimeBetween(at, end, calendar)).toBe(amount.exactMs);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a result is within opening hours, or at a closing, days included", () => {
    const days = fc.nat({ max: 12 });
    fc.assert(
      fc.property(names, instants, days, amounts, (name, at, day, { exactMs }) => {
        const calendar = calendarNamed(name);
        const end = epochMs(must(addWorkingTime(at, { ...ofMs(exactMs), days: day }, calendar)));
        const around = Math.floor(end / 86_400_000);
        const openings = [-1, 0, 1].flatMap((away) => calendar.openings(around + away));
        expect(openings.some(({ opens, closes }) => opens <= end && end <= closes)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("agrees with a count of the minutes whose wall clock is open", () => {
    const isOpen = (ms: number): boolean => {
      const local = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO("Europe/Berlin");
      const minute = local.hour * 60 + local.minute;
      if (local.toPlainDate().toString() === "2026-12-25" || local.dayOfWeek === 6) return false;
      if (local.dayOfWeek === 7) return minute < 360 || minute >= 1320;
      return (minute >= 480 && minute < 720) || (minute >= 750 && minute < 1020);
    };
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 900 }), (at, minutes) => {
        let ms = epochMs(at) - (epochMs(at) % 60_000);
        const result = addWorkingTime(
          formatInstant(ms),
          ofMs(minutes * 60_000),
          calendarNamed("berlin"),
        );
        for (let left = minutes; left > 0; ms += 60_000) if (isOpen(ms)) left -= 1;
        expect(result).toBe(formatInstant(ms));
      }),
      { numRuns: 40 },
    );
  });
});

test("200 working hours are added in less than a millisecond once the calendar is warm", () => {
  const at = instant("2026-03-02T09:30:00+08:00");
  const add = () => addWorkingTime(at, ofMs(200 * 3_600_000), calendarNamed("shanghai"));
  expect(add()).toBe(instant("2026-04-07T09:30:00+08:00"));
  for (let round = 0; round < 200; round++) add();
  const took = leastCpuMs(() => {
    for (let round = 0; round < 200; round++) add();
  });
  expect(took / 200).toBeLessThan(1);
});
