/** Judges a definition and its scenario file together, as `sevenstep check` and `sevenstep test` do. */

import type { Executable } from "../../machines/compile/executable.ts";
import { judge } from "../../machines/compile/judge.ts";
import type { Format } from "../../machines/document/parse.ts";
import type { Finding } from "../../machines/finding.ts";
import { sortedFindings } from "./findings-text.ts";
import { readScenarios } from "./scenario-file.ts";
import type { ScenarioFile } from "./scenario-schema.ts";

export interface JudgedFiles {
  readonly executable: Executable | null;
  readonly definition: JudgedText;
  /** Null when there is no scenario file. */
  readonly scenarios: (JudgedText & { readonly file: ScenarioFile | null }) | null;
}

interface JudgedText {
  /** By line. */
  readonly findings: readonly Finding[];
  readonly locate: (pointer: string) => number | null;
}

export function judgeFiles(
  definition: { readonly text: string; readonly format: Format },
  scenarios: string | null,
): JudgedFiles {
  const { executable, findings, locate } = judge(definition.text, definition.format);
  const read = scenarios === null ? null : readScenarios(scenarios, executable);
  return {
    executable,
    definition: { findings: sortedFindings(findings), locate },
    scenarios: read === null ? null : { ...read, findings: sortedFindings(read.findings) },
  };
}
