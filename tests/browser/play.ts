/** Judges a definition and plays its stories, and writes all of it down as text: alike in Node and in a browser. */

import { judge } from "../../machines/compile/judge.ts";
import { runScenario } from "../../src/design/run-scenario.ts";
import { readScenarios } from "../../src/design/scenario-file.ts";

/** What is played, as text: everything that the page is told. */
export interface Script {
  readonly definition: string;
  readonly scenarios: string;
  /** A definition that is refused. */
  readonly flawed: string;
}

export interface Played {
  readonly digest: string | null;
  readonly canonical: string | null;
  /** Of the definition that is refused, as JSON text. */
  readonly findings: string;
  readonly stories: readonly Story[];
}

interface Story {
  readonly id: string;
  /** Null when the story holds, else why it does not, as JSON text. */
  readonly failure: string | null;
  /** What became of each step that was tried, refusals and fired timers included: the whole result as JSON text. */
  readonly results: readonly string[];
}

export function play({ definition, scenarios, flawed }: Script): Played {
  const { executable, digest, canonical } = judge(definition, "yaml");
  const { file } = readScenarios(scenarios, executable);
  const findings = JSON.stringify(judge(flawed, "yaml").findings);
  if (executable === null || file === null) return { digest, canonical, findings, stories: [] };
  const stories = file.scenarios.map(({ id }, index): Story => {
    const results: string[] = [];
    const { failure } = runScenario(executable, file, index, {
      executable,
      saw: (_before, _event, result) => results.push(JSON.stringify(result)),
    });
    return { id, failure: failure === null ? null : JSON.stringify(failure), results };
  });
  return { digest, canonical, findings, stories };
}
