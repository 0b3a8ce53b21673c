/** Puts a suite's run into JSON for scripts: the same as the text, with pointers beside the lines. */

import { percentOf, type Coverage, type Tally } from "./coverage.ts";
import type { ReportOptions, Source } from "./report-text.ts";
import type { SuiteRun } from "./run-suite.ts";

export function reportJson(
  suite: SuiteRun,
  {
    elapsedMs,
    definition,
    scenarios,
  }: Pick<ReportOptions, "elapsedMs" | "definition" | "scenarios">,
) {
  return {
    process: suite.process,
    version: suite.version,
    digest: suite.digest,
    file: definition.name,
    scenarioFile: scenarios.name,
    elapsedMs: Math.round(elapsedMs),
    scenarios: suite.runs.map(({ id, title, pointer, stepsRun, virtualMs, failure }) => ({
      id,
      title: title ?? null,
      line: scenarios.locate(pointer),
      passed: failure === null,
      stepsRun,
      virtualMs,
      failure: failure === null ? null : { ...failure, line: scenarios.locate(failure.pointer) },
    })),
    coverage: coverageJson(suite.coverage, definition),
  };
}

function coverageJson(coverage: Coverage, { locate }: Source) {
  const tally = ({ total, reached, missing }: Tally) => ({
    total,
    reached,
    missing: missing.map((place) => ({ ...place, line: locate(place.pointer) })),
  });
  return {
    percent: percentOf(coverage),
    states: tally(coverage.states),
    transitions: tally(coverage.transitions),
    timers: tally(coverage.timers),
    guardsTrue: tally(coverage.guardsTrue),
    guardsFalse: tally(coverage.guardsFalse),
  };
}
