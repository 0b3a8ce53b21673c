/** `sevenstep check`: judges definitions, and the scenario files beside them, without running or publishing anything. */

import { Command } from "commander";

import type { Finding } from "../../machines/finding.ts";
import { findingsText } from "../design/findings-text.ts";
import { judgeFiles, type JudgedFiles } from "../design/judge-files.ts";
import { formatOf, readNamed, type DefinitionFiles } from "./definition-files.ts";
import { DEFINITION_WORDS } from "./definition-words.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

interface Checked {
  readonly file: string;
  readonly findings: readonly Finding[];
}

/** Exit code 1: there are errors, or a file can't be read. Warnings leave it at 0. */
export function checkCommand(terminal: Terminal = processTerminal()): Command {
  const words = DEFINITION_WORDS[cliLanguage(terminal)];
  const command = new Command("check");
  return command
    .argument("<file...>", words.files)
    .option("--json", words.checkJson)
    .action(async (paths: readonly string[], options: { readonly json?: true }) => {
      const checked: Checked[] = [];
      for (const files of await readNamed(paths, command)) {
        const { definition, scenarios } = files;
        const judged = judgeFiles(
          { text: definition.text, format: formatOf(definition.path) },
          scenarios?.text ?? null,
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

function plainText(checked: readonly Checked[], terminal: Terminal): string {
  const lines = checked.flatMap(({ file, findings }) =>
    findingsText(file, findings, terminal.colour),
  );
  const { found } = DEFINITION_WORDS[cliLanguage(terminal)];
  const total = found(checked.length, countOf(checked, "error"), countOf(checked, "warning"));
  return [...lines, total, ""].join("\n");
}

function countOf(checked: readonly Checked[], severity: Finding["severity"]): number {
  const findings = checked.flatMap((each) => each.findings);
  return findings.filter((each) => each.severity === severity).length;
}
