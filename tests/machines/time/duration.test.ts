import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { addDuration, parseDuration, type Duration } from "../../../machines/time/duration.ts";
import { formatInstant, parseInstant } from "../../../machines/time/instant.ts";
import { isProblem } from "../../../machines/time/problem.ts";

const NONE: Duration = { years: 0, months: 0, weeks: 0, days: 0, exactMs: 0 };

function durationOf(text: string): Duration {
  const duration = parseDuration(text);
  if (isProblem(duration)) throw new Error(duration.problem);
  return duration;
}

describe("parseDuration", () => {
  test.each([
    ["PT15M", { exactMs: 900_000 }],
    ["PT1H30M", { exactMs: 5_400_000 }],
    ["PT0.29S", { exactMs: 290 }],
    ["PT0.0001S", { exactMs: 1 }],
    ["PT36H", { exactMs: 129_600_000 }],
    ["P2D", { days: 2 }],
    ["P2W", { weeks: 2 }],
    ["P1Y2M3DT4H5M6.789S", { years: 1, months: 2, days: 3, exactMs: 14_706_789 }],
    ["P100Y", { years: 100 }],
    ["P0D", {}],
    ["PT0S", {}],
  ])("reads %s", (text, parts) => {
    expect(parseDuration(text)).toEqual({ ...NONE, ...parts });
  });

  test.each([
    ["", "found"],
    ["P", "found"],
    ["PT", "found"],
    ["P1DT", "found"],
    ["1D", "found"],
    ["PT5", "found"],
    ["pt5m", "found"],
    ["P1H", "found"],
    ["PT1D", "found"],
    ["PT5M1H", "found"],
    [" PT5M", "found"],
    ["PT5M\n", "found"],
    ["-PT5M", "without a sign"],
    ["+PT5M", "without a sign"],
    ["PT-5M", "without a sign"],
    ["PT0.5H", "fraction only in its seconds"],
    ["P0.5D", "fraction only in its seconds"],
    ["PT1,5M", "fraction only in its seconds"],
    ["P1W2D", "weeks alone"],
    ["P1Y1W", "weeks alone"],
    ["P101Y", "at most 100 years"],
    ["P1201M", "at most 100 years"],
    ["P36526D", "at most 100 years"],
    ["PT99999999999999999999H", "at most 100 years"],
  ])("refuses %j and says why", (text, why) => {
    expect(parseDuration(text)).toEqual({ problem: expect.stringContaining(why) });
  });

  test("never reads a longer number of minutes as a shorter time", () => {
    const minutes = fc.nat({ max: 1_000_000 });
    fc.assert(
      fc.property(minutes, minutes, (a, b) => {
        const difference = durationOf(`PT${a}M`).exactMs - durationOf(`PT${b}M`).exactMs;
        expect(difference).toBe((a - b) * 60_000);
      }),
    );
  });
});

describe("addDuration", () => {
  test.each([
    [
      "hours as they elapse over the day of 23 hours",
      "2026-03-28T12:00:00+01:00",
      "PT24H",
      "Europe/Berlin",
      "2026-03-29T13:00:00+02:00",
    ],
    [
      "a day as a date over the day of 23 hours",
      "2026-03-28T12:00:00+01:00",
      "P1D",
      "Europe/Berlin",
      "2026-03-29T12:00:00+02:00",
    ],
    [
      "a day as a date over the day of 25 hours",
      "2026-10-31T12:00:00-04:00",
      "P1D",
      "America/New_York",
      "2026-11-01T12:00:00-05:00",
    ],
    [
      "hours as they elapse over the day of 25 hours",
      "2026-10-31T12:00:00-04:00",
      "PT24H",
      "America/New_York",
      "2026-11-01T11:00:00-05:00",
    ],
    [
      "a day that leads into the gap: on by its length",
      "2026-03-28T02:30:00+01:00",
      "P1D",
      "Europe/Berlin",
      "2026-03-29T03:30:00+02:00",
    ],
    [
      "a day that leads into the repeated hour: its first time",
      "2026-10-24T02:30:00+02:00",
      "P1D",
      "Europe/Berlin",
      "2026-10-25T02:30:00+02:00",
    ],
    [
      "a month from a last day within the next month",
      "2026-01-31T10:00:00Z",
      "P1M",
      "UTC",
      "2026-02-28T10:00:00Z",
    ],
    [
      "a year from a leap day within February",
      "2028-02-29T10:00:00Z",
      "P1Y",
      "UTC",
      "2029-02-28T10:00:00Z",
    ],
    ["weeks", "2026-11-22T08:00:00Z", "P2W", "Asia/Shanghai", "2026-12-06T08:00:00Z"],
    [
      "first the date, then the hours",
      "2026-03-28T12:00:00+01:00",
      "P1DT1H",
      "Europe/Berlin",
      "2026-03-29T13:00:00+02:00",
    ],
    ["nothing", "2026-03-29T01:00:00Z", "PT0S", "Europe/Berlin", "2026-03-29T01:00:00Z"],
  ])("adds %s", (_, at, duration, zone, expected) => {
    expect(addDuration(at, durationOf(duration), zone)).toBe(
      formatInstant(parseInstant(expected) ?? NaN),
    );
  });

  test("leads to the date that the calendar says, clock changes on the way or not", () => {
    const zones = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Apia"];
    const ms = fc.oneof(
      fc.integer({ min: 0, max: Date.UTC(2040, 0) }),
      fc.integer({ min: 0, max: Date.UTC(9990, 0) }),
    );
    const units = { weeks: fc.nat(60), days: fc.nat(400), exactMs: fc.nat(10_000_000) };
    fc.assert(
      fc.property(ms, fc.record(units), fc.constantFrom(...zones), (at, added, zone) => {
        const { weeks, days, exactMs } = added;
        const date = Temporal.Instant.fromEpochMilliseconds(at)
          .toZonedDateTimeISO(zone)
          .add({ weeks, days });
        expect(addDuration(formatInstant(at), { ...NONE, ...added }, zone)).toBe(
          formatInstant(date.epochMilliseconds + exactMs),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what lies beyond the year 9999", () => {
    const result = addDuration("9990-01-01T00:00:00.000Z", durationOf("P20Y"), "UTC");
    expect(result).toEqual({ problem: expect.stringContaining("year 10000") });
  });
});
