/** A scenario file is judged whole, each mistake at its own line. */

import { describe, expect, test } from "vitest";

import { readScenarios } from "../../src/design/scenario-file.ts";

const CAST = { roles: ["customer", "technician"] };

function told(text: string): readonly string[] {
  return readScenarios(text, CAST).findings.map(
    ({ line, rule, pointer }) => `${line} ${rule} ${pointer}`,
  );
}

describe("readScenarios", () => {
  test("reads every kind of step", () => {
    const { file, findings, locate } = readScenarios(
      `actors: { ann: customer, mia: [technician, customer] }
scenarios:
  - id: all-kinds
    title: { en: All kinds, zh: 全部 }
    given: { at: 2026-11-23T08:00:00+08:00, by: ann, data: { plate: X } }
    steps:
      - { event: BOOK, by: ann, payload: { n: 1 }, after: PT5M, then: { state: [a, b.c], effects: [notify] } }
      - { wait: P1D, then: { timers: [], jobs: [], message: { en: Hello } } }
      - { until: 2026-11-26T00:00:00Z }
      - { job: reserve, output: { slot: 1 }, then: { refused: { code: job-unknown } } }
      - { job: reserve, error: { code: full } }
`,
      CAST,
    );
    expect(findings).toEqual([]);
    expect(file?.scenarios[0]?.steps).toHaveLength(5);
    expect(locate("/scenarios/0/steps/3")).toBe(10);
  });

  test("tells every mistake, at its line", () => {
    expect(
      told(`actors: { ann: customer, bob: plumber }
scenarios:
  - id: One
    given: { at: 2026-11-23 08:00, by: ann }
    steps:
      - { event: BOOK }
      - { wiat: PT5M }
      - { wait: 5 minutes }
      - { event: BOOK, wait: PT5M, by: ann }
      - { event: BOOK, by: ann, then: { stat: a, status: finished, refused: 7 } }
`),
    ).toEqual([
      "3 scenario-shape /scenarios/0/id",
      "4 scenario-shape /scenarios/0/given/at",
      "6 scenario-missing-key /scenarios/0/steps/0/by",
      "7 scenario-step /scenarios/0/steps/1",
      "8 scenario-shape /scenarios/0/steps/2/wait",
      "9 scenario-step /scenarios/0/steps/3",
      "10 scenario-shape /scenarios/0/steps/4/then/status",
      "10 scenario-shape /scenarios/0/steps/4/then/refused",
      "10 scenario-unknown-key /scenarios/0/steps/4/then/stat",
    ]);
  });

  test("tells names that the file or the definition does not have", () => {
    expect(
      told(`actors: { ann: customer, bob: plumber }
scenarios:
  - { id: one, given: { at: 2026-11-23T08:00:00Z, by: ann }, steps: [] }
  - id: one
    given: { at: 2026-11-23T08:00:00Z, by: bo }
    steps:
      - { event: BOOK, by: amy }
      - { wait: PT1M, by: constructor }
`),
    ).toEqual([
      "1 scenario-unknown-role /actors/bob",
      "4 scenario-duplicate-id /scenarios/1/id",
      "5 scenario-unknown-actor /scenarios/1/given/by",
      "7 scenario-unknown-actor /scenarios/1/steps/0/by",
      "8 scenario-unknown-actor /scenarios/1/steps/1/by",
    ]);
  });

  test("has an answer for texts that are no scenario file at all", () => {
    expect(told("")).toEqual(["1 scenario-shape "]);
    expect(told("a: [")).toHaveLength(1);
    expect(told("actors: {}\nactors: {}\nscenarios: []\n")).toContain("2 duplicate-key /actors");
    expect(told(`a: "\0"`)).toEqual(["1 forbidden-character "]);
  });
});
