/** Instants cross the border to the database without a millisecond lost or won. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseTimestamp, timestamp } from "../../src/store/timestamp.ts";

describe("a timestamp", () => {
  test("is read as it was written, for every instant between 1900 and 9999", () => {
    const instants = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(instants, (at) => {
        const asPostgresPrints = timestamp(at).replace("T", " ").replace("Z", "+00");
        expect(parseTimestamp(asPostgresPrints)).toBe(at);
      }),
    );
  });

  test.each([
    ["2026-11-22 08:00:00+00", "2026-11-22T08:00:00.000Z"],
    ["2026-11-22 08:00:00.1+00", "2026-11-22T08:00:00.100Z"],
    ["2026-11-22 08:00:00.123999+00", "2026-11-22T08:00:00.123Z"],
    ["2026-11-22 16:00:00+08", "2026-11-22T08:00:00.000Z"],
    ["2026-11-22 13:30:00.5+05:30", "2026-11-22T08:00:00.500Z"],
    ["2026-11-22 03:30:00-04:30", "2026-11-22T08:00:00.000Z"],
  ])("reads %s, cut off to milliseconds", (text, instant) => {
    expect(parseTimestamp(text)).toBe(Date.parse(instant));
  });

  test.each(["infinity", "0044-03-15 00:00:00+00 BC", "2026-11-22", ""])(
    "refuses to read %j",
    (text) => {
      expect(() => parseTimestamp(text)).toThrow(RangeError);
    },
  );

  test.each([Number.NaN, 0.5, Infinity, 1e18, Date.UTC(1899, 0, 1), Date.UTC(10_000, 0, 1)])(
    "refuses to write %d",
    (at) => {
      expect(() => timestamp(at)).toThrow(RangeError);
    },
  );
});
