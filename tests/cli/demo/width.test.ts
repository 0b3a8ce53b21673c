/** Lines fit a terminal's columns in every script, and lose no character. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, padded, wrapped } from "../../../src/cli/demo/width.ts";

describe("wrapped", () => {
  test("breaks English at spaces", () => {
    expect(wrapped("Work on your car is under way.", 12)).toEqual([
      "Work on your",
      "car is under",
      "way.",
    ]);
  });

  test("breaks Chinese between characters, and leaves closing marks with theirs", () => {
    expect(wrapped("您的车已开始施工，请放心。", 8)).toEqual([
      "您的车已",
      "开始施",
      "工，请放",
      "心。",
    ]);
  });

  test("never makes a line too long where it could be broken", () => {
    const text = fc.string({ unit: fc.constantFrom("车", "工", "a", "b", " ") });
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 30 }), (words, columns) => {
        const lines = wrapped(words, columns);
        for (const line of lines) {
          const canBreak = /[车工 ]/u.test(line.slice(1));
          if (canBreak && !/[ab]{2}/.test(line))
            expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        }
        expect(lines.join("").replaceAll(" ", "")).toBe(words.replaceAll(" ", ""));
      }),
    );
  });
});

describe("padded", () => {
  test("fills to the same columns in both scripts", () => {
    expect(columnsOf(padded("七步法", 10))).toBe(10);
    expect(columnsOf(padded("seven", 10))).toBe(10);
    expect(padded("七步法七步法", 4)).toBe("七步法七步法");
  });
});
