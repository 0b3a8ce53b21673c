import { describe, expect, test } from "vitest";
import fc from "fast-check";
import {
  EARLIEST_MS,
  epochMs,
  formatInstant,
  LATEST_MS,
  parseInstant,
} from "../../../machines/time/instant.ts";

describe("parseInstant", () => {
  test("reads an instant of our own form, with any digit in the place of any other, as the calendar does", () => {
    const ms = fc.integer({ min: EARLIEST_MS, max: LATEST_MS });
    const changes = fc.array(fc.tuple(fc.nat(23), fc.nat(9)), { maxLength: 3 });
    fc.assert(
      fc.property(ms, changes, (at, digits) => {
        let text = new Date(at).toISOString();
        for (const [place, digit] of digits) {
          if (/\d/.test(text[place] ?? ""))
            text = `${text.slice(0, place)}${digit}${text.slice(place + 1)}`;
        }
        const date = new Date(text);
        const isOne = !Number.isNaN(date.getTime()) && date.toISOString() === text;
        const expected = isOne && date.getTime() >= EARLIEST_MS ? date.getTime() : null;
        expect(parseInstant(text)).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["2026-11-22T08:00:00Z", "2026-11-22T08:00:00.000Z"],
    ["2026-11-22T16:00:00+08:00", "2026-11-22T08:00:00.000Z"],
    ["2026-11-22T03:30:00.5-04:30", "2026-11-22T08:00:00.500Z"],
    ["2026-11-22T08:00:00.123999Z", "2026-11-22T08:00:00.123Z"],
    ["2026-11-22t08:00:00z", "2026-11-22T08:00:00.000Z"],
    ["2028-02-29T00:00:00-00:00", "2028-02-29T00:00:00.000Z"],
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %s", (text, instant) => {
    const ms = parseInstant(text);
    expect(ms).not.toBeNull();
    expect(formatInstant(ms ?? NaN)).toBe(instant);
  });

  test.each([
    ["without an offset", "2026-11-22T08:00:00"],
    ["without seconds", "2026-11-22T08:00Z"],
    ["with a space", "2026-11-22 08:00:00Z"],
    ["with a date only", "2026-11-22"],
    ["on a day that the month lacks", "2026-02-29T00:00:00Z"],
    ["in month 13", "2026-13-01T00:00:00Z"],
    ["on day 0", "2026-01-00T00:00:00Z"],
    ["at hour 24", "2026-11-22T24:00:00Z"],
    ["at a leap second", "2016-12-31T23:59:60Z"],
    ["with an offset of 24 hours", "2026-11-22T08:00:00+24:00"],
    ["with an offset without a colon", "2026-11-22T08:00:00+0800"],
    ["with an empty fraction", "2026-11-22T08:00:00.Z"],
    ["with a time zone's name", "2026-11-22T08:00:00Z[UTC]"],
    ["in a year of two digits", "0070-01-01T00:00:00Z"],
    ["before 1970 by its offset", "1970-01-01T00:00:00+00:01"],
    ["after 9999 by its offset", "9999-12-31T23:59:59-00:01"],
    ["in an expanded year", "+010000-01-01T00:00:00Z"],
    ["with something behind it", "2026-11-22T08:00:00Z\n"],
  ])("refuses an instant %s", (_, text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test("reads back whatever formatInstant writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: EARLIEST_MS, max: LATEST_MS }), (ms) => {
        expect(parseInstant(formatInstant(ms))).toBe(ms);
      }),
    );
  });
});

describe("formatInstant", () => {
  test.each([NaN, Infinity, -1, 0.5, LATEST_MS + 1])(
    "throws on %s, a defect of its caller",
    (ms) => {
      expect(() => formatInstant(ms)).toThrow(RangeError);
    },
  );
});

describe("an instant that comes again", () => {
  test("is written and read as it was, whatever came between", () => {
    const ms = fc.constantFrom(0, 1, 1_784_102_400_000, LATEST_MS);
    const written = fc.record({ ms, zone: fc.constantFrom("Z", "+00:00", "z") });
    fc.assert(
      fc.property(fc.array(written, { minLength: 4 }), (instants) => {
        for (const { ms: each, zone } of instants) {
          const text = new Date(each).toISOString();
          expect(formatInstant(each)).toBe(text);
          expect(epochMs(text.replace("Z", zone))).toBe(each);
        }
      }),
    );
    expect(() => epochMs("2026-11-22")).toThrow(RangeError);
  });
});
