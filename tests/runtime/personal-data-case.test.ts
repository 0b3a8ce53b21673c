/** The engine's own process keeps its stories, and is the very document that its engine trusts. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { judgeFiles } from "../../src/design/judge-files.ts";
import { runSuite } from "../../src/design/run-suite.ts";
import {
  CASE_PROCESS,
  CASE_VERSION,
  isCaseDefinition,
} from "../../src/runtime/privacy/case-process.ts";

const FOLDER = new URL("../../src/runtime/privacy/", import.meta.url);
const text = readFileSync(new URL("personal-data-case.yaml", FOLDER), "utf8");
const stories = readFileSync(new URL("personal-data-case.scenarios.yaml", FOLDER), "utf8");
const { executable, definition, scenarios } = judgeFiles({ text, format: "yaml" }, stories);

describe("the process of cases about persons' data", () => {
  test("is judged without a finding, its scenarios too", () => {
    expect([...definition.findings, ...(scenarios?.findings ?? [])]).toEqual([]);
  });

  test("has the name, the version and the digest that the engine knows it by: what is shipped never changes", () => {
    expect([executable?.process, executable?.version]).toEqual([CASE_PROCESS, CASE_VERSION]);
    expect(executable?.digest).toBe(
      "f10810350b26857bd1b9d95933e456c2d7547280903272840bd11b8fe2b5283c",
    );
    expect(isCaseDefinition(executable?.digest ?? "")).toBe(true);
  });

  const file = scenarios?.file ?? null;
  if (executable === null || file === null) return;
  const { runs, coverage } = runSuite(executable, file, null);

  test.each(runs)("keeps the story $id", ({ failure }) => {
    expect(failure).toBeNull();
  });

  test("has no state, transition, timer or guard that no story tells of", () => {
    const { states, transitions, timers, guardsTrue, guardsFalse } = coverage;
    const all = [states, transitions, timers, guardsTrue, guardsFalse];
    expect(all.flatMap(({ missing }) => missing)).toEqual([]);
  });
});
