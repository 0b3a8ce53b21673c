/** What an author reads after `sevenstep test`. */

import { describe, expect, test } from "vitest";

import type { Tally } from "../../src/design/coverage.ts";
import { durationText, reportText, type ReportOptions } from "../../src/design/report-text.ts";
import { REPORT_WORDS, type ReportLanguage } from "../../src/design/report-words.ts";
import type { SuiteRun } from "../../src/design/run-suite.ts";

const ALL: Tally = { total: 2, reached: 2, missing: [] };
const SUITE: SuiteRun = {
  process: "approval",
  version: "1.0.0",
  digest: "0".repeat(64),
  runs: [
    {
      id: "good",
      title: { en: "The good story", zh: "好故事" },
      pointer: "/scenarios/0",
      stepsRun: 3,
      virtualMs: 93_784_000,
      failure: null,
    },
    {
      id: "bad",
      title: undefined,
      pointer: "/scenarios/1",
      stepsRun: 2,
      virtualMs: 0,
      failure: {
        step: 2,
        pointer: "/scenarios/1/steps/1",
        doing: "CLOSE by adam",
        mismatches: [{ aspect: "state", at: "", expected: "closed", found: "open" }],
        enabled: ["CHECK", "DECIDE (lines/L1)"],
      },
    },
  ],
  coverage: {
    states: { total: 3, reached: 2, missing: [{ pointer: "/machine/states/x", label: "x" }] },
    transitions: ALL,
    timers: { total: 0, reached: 0, missing: [] },
    guardsTrue: ALL,
    guardsFalse: ALL,
  },
};

function report(language: ReportLanguage, colour = false): string {
  const options: ReportOptions = {
    language,
    colour,
    elapsedMs: 12.4,
    definition: {
      name: "a.yaml",
      locate: (pointer) => (pointer === "/machine/states/x" ? 40 : null),
    },
    scenarios: { name: "a.scenarios.yaml", locate: () => 7 },
  };
  return reportText(SUITE, options);
}

describe("reportText", () => {
  test("tells each scenario, the failure where it stands, the coverage and its gaps, in English", () => {
    expect(report("en")).toBe(`approval 1.0.0  a.scenarios.yaml
  ✓ good  The good story  3 steps, 1 d 2 h 3 min 4 s
  ✗ bad  2 steps, 0 s
      a.scenarios.yaml:7  step 2: CLOSE by adam
        state
          expected  closed
          found  open
        possible here: CHECK, DECIDE (lines/L1)

1 passed, 1 failed  (5 steps, 1 d 2 h 3 min 4 s; 12 ms)

Reached by the scenarios: 66.6 %
      2 / 3      66.6 %  states entered
      2 / 2     100.0 %  transitions taken
      0 / 0     100.0 %  timers fired
      2 / 2     100.0 %  guards seen true
      2 / 2     100.0 %  guards seen false

States that no scenario enters:
  a.yaml:40  x`);
  });

  test("tells the same in Chinese", () => {
    const text = report("zh");
    expect(text).toContain("  ✓ good  好故事  3 步, 1 天 2 小时 3 分 4 秒");
    expect(text).toContain("第 2 步：CLOSE by adam");
    expect(text).toContain("没有场景进入的状态:\n  a.yaml:40  x");
    expect(text).not.toMatch(/expected|found|step\b/);
  });

  test("colours only when told to", () => {
    expect(report("en", true)).toContain("\u001b[32m✓\u001b[39m");
    expect(report("en")).not.toContain("\u001b");
  });
});

describe("durationText", () => {
  test("leaves out what is zero, and is never empty", () => {
    expect(durationText(86_400_000 + 60_000, REPORT_WORDS.en.units)).toBe("1 d 1 min");
    expect(durationText(0, REPORT_WORDS.en.units)).toBe("0 s");
    expect(durationText(85.4, REPORT_WORDS.en.units)).toBe("85 ms");
  });
});
