/** `sevenstep check`: judges definitions, and the scenario files beside them, without running or publishing anything. */

import { Command } from "commander";

import type { Finding } from "../../machines/finding.ts";
import { findingsText } from "../design/findings-text.ts";
import { judgeFiles, type JudgedFiles } from "../design/judge-files.ts";
import {
  formatOf,
  readDefinitionFiles,
  UnreadableFile,
  type DefinitionFiles,
} from "./definition-files.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

interface Checked {
  readonly file: string;
  readonly findings: readonly Finding[];
}

/** Exit code 1: there are errors, or a file can't be read. Warnings leave it at 0. */
export function checkCommand(terminal: Terminal = processTerminal()): Command {
  const command = new Command("check");
  return command
    .description("judge definitions, and the scenario files beside them")
    .argument("<file...>", "definitions (YAML or JSON) or scenario files")
    .option("--json", "print the findings as JSON")
    .action(async (paths: readonly string[], options: { readonly json?: true }) => {
      const checked: Checked[] = [];
      for (const path of paths) {
        const files = await readDefinitionFiles(path).catch((error: unknown) => {
          if (error instanceof UnreadableFile) return command.error(`error: ${error.message}`);
          throw error;
        });
        const judged = judgeFiles(
          { text: files.definition.text, format: formatOf(files.definition.path) },
          files.scenarios?.text ?? null,
        );
        checked.push(...checkedOf(files, judged));
      }
      terminal.write(options.json === true ? jsonText(checked) : plainText(checked, terminal));
      if (countOf(checked, "error") > 0) terminal.exitWith(1);
    });
}

function checkedOf(files: DefinitionFiles, judged: JudgedFiles): readonly Checked[] {
  return [
    { file: files.definition.path, findings: judged.definition.findings },
    ...(files.scenarios === null || judged.scenarios === null
      ? []
      : [{ file: files.scenarios.path, findings: judged.scenarios.findings }]),
  ];
}

function jsonText(checked: readonly Checked[]): string {
  return `${JSON.stringify({ ok: countOf(checked, "error") === 0, files: checked }, null, 2)}\n`;
}

function plainText(checked: readonly Checked[], { colour }: Terminal): string {
  const lines = checked.flatMap(({ file, findings }) => findingsText(file, findings, colour));
  const errors = countOf(checked, "error");
  const warnings = countOf(checked, "warning");
  const files = checked.length === 1 ? "1 file" : `${checked.length} files`;
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return [...lines, `${files}: ${count(errors, "error")}, ${count(warnings, "warning")}`, ""].join(
    "\n",
  );
}

function countOf(checked: readonly Checked[], severity: Finding["severity"]): number {
  return checked.flatMap(({ findings }) => findings).filter((each) => each.severity === severity)
    .length;
}
