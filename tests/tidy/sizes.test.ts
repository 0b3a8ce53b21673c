import { describe, expect, test } from "vitest";
import { sourceFiles } from "./source-files.ts";

const MAX_LINES = 300;
const MEDIAN_LINES = 80;

/** Split in two, so that this file holds none of them. */
const FORBIDDEN_WORDS = [
  ["TO", "DO"],
  ["FIX", "ME"],
  ["XX", "X"],
  ["HA", "CK"],
  ["for sim", "plicity"],
  ["@ts-", "ignore"],
  ["@ts-", "expect-error"],
  ["@ts-", "nocheck"],
  ["oxlint-", "disable"],
  ["eslint-", "disable"],
  ["test.", "only"],
  ["describe.", "only"],
  ["test.", "skip("],
  ["describe.", "skip("],
].map((halves) => halves.join(""));

const sources = sourceFiles("machines", "src");
const everything = [...sources, ...sourceFiles("tests")];

describe("source files", () => {
  test("are seen at all", () => expect(sources.length).toBeGreaterThan(50));

  test(`have at most ${MAX_LINES} lines`, () => {
    const long = sources.filter(({ text }) => linesOf(text) > MAX_LINES);
    expect(long.map(({ path, text }) => `${path}: ${linesOf(text)}`)).toEqual([]);
  });

  test(`have fewer than ${MEDIAN_LINES} lines in the median`, () => {
    const sorted = sources.map(({ text }) => linesOf(text)).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(MEDIAN_LINES);
  });

  test("hold none of the words of unfinished work or of a silenced check", () => {
    const found = everything.flatMap(({ path, text }) =>
      FORBIDDEN_WORDS.filter((word) =>
        new RegExp(`(?<!\\w)${word.replace("(", "\\(")}`).test(text),
      ).map((word) => `${path}: ${word}`),
    );
    expect(found).toEqual([]);
  });

  test("open with a sentence that says what they decide or guarantee", () => {
    const silent = sources.filter(
      ({ text }) => !/^(#!.*\n)?\/\*\*[^]*?[.:](\s[^]*?)?\*\//.test(text),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test("are named in kebab-case", () => {
    const misnamed = everything.filter(
      ({ path }) =>
        !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.(test|config|browser\.config|d))?\.tsx?$/.test(path),
    );
    expect(misnamed.map(({ path }) => path)).toEqual([]);
  });
});

function linesOf(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
