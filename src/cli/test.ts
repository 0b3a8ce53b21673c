/** `sevenstep test`: runs the scenarios of definitions on a virtual clock, and prints what none of them reaches. */

import { Command, InvalidArgumentError, Option } from "commander";

import { percentOf } from "../design/coverage.ts";
import { findingsText } from "../design/findings-text.ts";
import { judgeFiles } from "../design/judge-files.ts";
import { reportJson } from "../design/report-json.ts";
import { reportText, type ReportOptions } from "../design/report-text.ts";
import { REPORT_LANGUAGES, type ReportLanguage } from "../design/report-words.ts";
import { runSuite, type SuiteRun } from "../design/run-suite.ts";
import { formatOf, readDefinitionFiles, UnreadableFile } from "./definition-files.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

interface Options {
  readonly json?: true;
  readonly only?: readonly string[];
  readonly minCoverage?: number;
  readonly language?: ReportLanguage;
}

/** What became of one of the named files. */
type Tested =
  | { readonly kind: "run"; readonly suite: SuiteRun; readonly report: ReportOptions }
  /** Nothing could be run; the lines say why. */
  | { readonly kind: "unfit"; readonly file: string; readonly lines: readonly string[] };

/** Exit code 1: a scenario fails, a file can't be run, nothing was run, or coverage is below the bound. */
export function testCommand(terminal: Terminal = processTerminal()): Command {
  const command = new Command("test");
  return command
    .description("run the scenarios of definitions on a virtual clock")
    .argument("<file...>", "definitions (YAML or JSON) or scenario files")
    .option("--only <scenario...>", "run these scenarios only, by id")
    .option(
      "--min-coverage <percent>",
      "fail when fewer states are entered or transitions taken",
      percent,
    )
    .addOption(new Option("--language <language>", "of the report").choices(REPORT_LANGUAGES))
    .option("--json", "print the report as JSON")
    .action(async (paths: readonly string[], options: Options) => {
      const tested: Tested[] = [];
      for (const path of paths) {
        tested.push(
          await testFile(path, options, terminal).catch((error: unknown) => {
            if (error instanceof UnreadableFile) return command.error(`error: ${error.message}`);
            throw error;
          }),
        );
      }
      terminal.write(options.json === true ? jsonText(tested) : plainText(tested));
      if (!tested.every((each) => passes(each, options))) terminal.exitWith(1);
    });
}

async function testFile(path: string, options: Options, terminal: Terminal): Promise<Tested> {
  const { definition, scenarios } = await readDefinitionFiles(path);
  const judged = judgeFiles(
    { text: definition.text, format: formatOf(definition.path) },
    scenarios?.text ?? null,
  );
  const { executable } = judged;
  const file = judged.scenarios?.file ?? null;
  if (executable === null || scenarios === null || judged.scenarios === null || file === null) {
    const errors = judged.definition.findings.filter(({ severity }) => severity === "error");
    const lines = [
      ...findingsText(definition.path, errors, terminal.colour),
      ...(scenarios === null
        ? [`${definition.path}: expected a scenario file beside it, found none`]
        : findingsText(scenarios.path, judged.scenarios?.findings ?? [], terminal.colour)),
    ];
    return { kind: "unfit", file: definition.path, lines };
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
    report: {
      language: options.language ?? (terminal.language === "zh" ? "zh" : "en"),
      colour: terminal.colour,
      elapsedMs: performance.now() - startedAt,
      definition: { name: definition.path, locate: judged.definition.locate },
      scenarios: { name: scenarios.path, locate: judged.scenarios.locate },
    },
  };
}

function passes(tested: Tested, { minCoverage = 0 }: Options): boolean {
  if (tested.kind === "unfit") return false;
  const { runs, coverage } = tested.suite;
  return (
    runs.length > 0 &&
    runs.every(({ failure }) => failure === null) &&
    percentOf(coverage) >= minCoverage
  );
}

function plainText(tested: readonly Tested[]): string {
  const blocks = tested.map((each) =>
    each.kind === "run" ? reportText(each.suite, each.report) : each.lines.join("\n"),
  );
  return `${blocks.join("\n\n")}\n`;
}

function jsonText(tested: readonly Tested[]): string {
  const suites = tested.map((each) =>
    each.kind === "run"
      ? reportJson(each.suite, each.report)
      : { passed: false, file: each.file, problems: each.lines },
  );
  return `${JSON.stringify({ passed: suites.every(({ passed }) => passed), suites }, null, 2)}\n`;
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError("expected a number from 0 to 100");
}
