/** `sevenstep types`: writes what a definition promises as TypeScript, for callers whose compiler then checks payloads. */

import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { judge } from "../../machines/compile/judge.ts";
import { findingsText } from "../design/findings-text.ts";
import { processTypes } from "../design/types/process-types.ts";
import { formatOf, readNamed } from "./definition-files.ts";
import { DEFINITION_WORDS } from "./definition-words.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

/** Takes the place of a file name: the document comes from the standard input, as a server answers it. */
const STDIN = "-";

interface Options {
  readonly out?: string;
}

/** Exit code 1: the definition has errors, which are written to the standard error. Nothing else is written then. */
export function typesCommand(terminal: Terminal = processTerminal()): Command {
  const words = DEFINITION_WORDS[cliLanguage(terminal)];
  const command = new Command("types");
  return command
    .argument("<definition>", words.typesOf)
    .option("-o, --out <file>", words.typesOut)
    .action(async (path: string, { out }: Options) => {
      const source = await sourceAt(path, command);
      const { executable, findings } = judge(source.text, source.format);
      if (executable === null) {
        process.stderr.write(`${findingsText(path, findings, false).join("\n")}\n`);
        return terminal.exitWith(1);
      }
      const types = processTypes(executable);
      if (out === undefined) return terminal.write(types);
      await writeFile(out, types);
    });
}

interface Source {
  readonly text: string;
  readonly format: "yaml" | "json";
}

async function sourceAt(path: string, command: Command): Promise<Source> {
  // JSON is YAML 1.2 as well, so that either may come in.
  if (path === STDIN) return { text: await text(process.stdin), format: "yaml" };
  const [files] = await readNamed([path], command);
  if (files === undefined) throw new Error(`expected ${path} to be read, found nothing`);
  const { definition } = files;
  return { text: definition.text, format: formatOf(definition.path) };
}
