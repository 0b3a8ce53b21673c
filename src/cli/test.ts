/** `sevenstep test`: runs the scenarios of definitions on a virtual clock, and prints what none of them reaches. */

import { Command, InvalidArgumentError } from "commander";

import { percentOf } from "../design/coverage.ts";
import { findingsText } from "../design/findings-text.ts";
import { judgeFiles } from "../design/judge-files.ts";
import { reportJson } from "../design/report-json.ts";
import { reportText, type ReportOptions } from "../design/report-text.ts";
import { runSuite, type SuiteRun } from "../design/run-suite.ts";
import { formatOf, readNamed, type DefinitionFiles } from "./definition-files.ts";
import { DEFINITION_WORDS } from "./definition-words.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

interface Options {
  readonly json?: true;
  readonly only?: readonly string[];
  readonly minCoverage?: number;
}

/** What became of one of the named files. */
type Tested =
  | {
      readonly kind: "run";
      readonly passed: boolean;
      readonly suite: SuiteRun;
      readonly report: ReportOptions;
    }
  /** Nothing could be run; the lines say why. */
  | {
      readonly kind: "unfit";
      readonly passed: false;
      readonly file: string;
      readonly lines: readonly string[];
    };

/** Exit code 1: a scenario fails, a file can't be run, a named scenario is unknown, or coverage is below the bound. */
export function testCommand(terminal: Terminal = processTerminal()): Command {
  const words = DEFINITION_WORDS[cliLanguage(terminal)];
  const command = new Command("test");
  return command
    .argument("<file...>", words.files)
    .option("--only <scenario>", words.only, collected)
    .option("--min-coverage <percent>", words.minCoverage, percentage(words.badPercent))
    .option("--json", words.testJson)
    .action(async (paths: readonly string[], options: Options) => {
      const named = await readNamed(paths, command);
      const all = named.map((files) => testFiles(files, options, terminal));
      const unknown = unknownIn(all, options.only ?? []);
      if (unknown !== undefined) command.error(`error: ${words.unknownScenario(unknown)}`);
      // With `--only`, files that hold none of the named scenarios are not asked for.
      const tested = all.filter((each) => each.kind === "unfit" || each.suite.runs.length > 0);
      const text = options.json === true ? jsonText(tested) : plainText(tested, options, terminal);
      terminal.write(text);
      if (!tested.every(({ passed }) => passed)) terminal.exitWith(1);
    });
}

function testFiles(files: DefinitionFiles, options: Options, terminal: Terminal): Tested {
  const { definition, scenarios } = files;
  const judged = judgeFiles(
    { text: definition.text, format: formatOf(definition.path) },
    scenarios?.text ?? null,
  );
  const { executable } = judged;
  const file = judged.scenarios?.file ?? null;
  if (executable === null || scenarios === null || judged.scenarios === null || file === null) {
    const errors = judged.definition.findings.filter(({ severity }) => severity === "error");
    const { noScenarios } = DEFINITION_WORDS[cliLanguage(terminal)];
    const lines = [
      ...findingsText(definition.path, errors, terminal.colour),
      ...(scenarios === null
        ? [`${definition.path}  ${noScenarios}`]
        : findingsText(scenarios.path, judged.scenarios?.findings ?? [], terminal.colour)),
    ];
    return { kind: "unfit", passed: false, file: definition.path, lines };
  }
  const startedAt = performance.now();
  const suite = runSuite(
    executable,
    file,
    options.only === undefined ? null : new Set(options.only),
  );
  return {
    kind: "run",
    suite,
    passed: passes(suite, options),
    report: {
      language: cliLanguage(terminal),
      colour: terminal.colour,
      elapsedMs: performance.now() - startedAt,
      definition: { name: definition.path, locate: judged.definition.locate },
      scenarios: { name: scenarios.path, locate: judged.scenarios.locate },
    },
  };
}

/** A file that can't be run may hold any scenario, and fails by itself. */
function unknownIn(tested: readonly Tested[], only: readonly string[]): string | undefined {
  const ids = new Set<string>();
  for (const each of tested) {
    if (each.kind === "unfit") return undefined;
    for (const { id } of each.suite.runs) ids.add(id);
  }
  return only.find((id) => !ids.has(id));
}

function passes({ runs, coverage }: SuiteRun, { minCoverage = 0 }: Options): boolean {
  return runs.every(({ failure }) => failure === null) && percentOf(coverage) >= minCoverage;
}

function plainText(tested: readonly Tested[], { minCoverage = 0 }: Options, terminal: Terminal) {
  const { coverageBelow } = DEFINITION_WORDS[cliLanguage(terminal)];
  const blocks = tested.map((each) => {
    if (each.kind === "unfit") return each.lines.join("\n");
    const text = reportText(each.suite, each.report);
    const below = percentOf(each.suite.coverage) < minCoverage;
    return below ? `${text}\n\n${coverageBelow(minCoverage)}` : text;
  });
  return `${blocks.join("\n\n")}\n`;
}

function jsonText(tested: readonly Tested[]): string {
  const suites = tested.map((each) => ({
    passed: each.passed,
    ...(each.kind === "run"
      ? reportJson(each.suite, each.report)
      : { file: each.file, problems: each.lines }),
  }));
  return `${JSON.stringify({ passed: suites.every(({ passed }) => passed), suites }, null, 2)}\n`;
}

function collected(id: string, before: readonly string[] = []): readonly string[] {
  return [...before, id];
}

function percentage(complaint: string) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= 100) return value;
    throw new InvalidArgumentError(complaint);
  };
}
