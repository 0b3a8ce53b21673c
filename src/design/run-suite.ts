/** Runs a scenario file against its definition, and counts what the scenarios together reach. */

import type { Executable } from "../../machines/compile/executable.ts";
import { coverageOf, type Coverage } from "./coverage.ts";
import { createObserver } from "./observe.ts";
import { runScenario, type ScenarioRun } from "./run-scenario.ts";
import type { ScenarioFile } from "./scenario-schema.ts";
import { watchGuards } from "./watch-guards.ts";

export interface SuiteRun {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  /** In the order of the file. */
  readonly runs: readonly ScenarioRun[];
  readonly coverage: Coverage;
}

/** @param only ids of the scenarios to run; null: all */
export function runSuite(
  executable: Executable,
  file: ScenarioFile,
  only: ReadonlySet<string> | null,
): SuiteRun {
  const observer = createObserver(executable);
  const watch = { executable: watchGuards(executable, observer.sawGuard), saw: observer.saw };
  const runs = file.scenarios.flatMap(({ id }, index) =>
    only === null || only.has(id) ? [runScenario(executable, file, index, watch)] : [],
  );
  return {
    process: executable.process,
    version: executable.version,
    digest: executable.digest,
    runs,
    coverage: coverageOf(executable, observer.seen),
  };
}
