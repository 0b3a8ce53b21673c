/** The command frame: every command with its texts, unknown options refused, and failures told in one line. */

import { Command, CommanderError, Option } from "commander";
import { FolderLocked } from "../store/errors.ts";
import { archiveCommand } from "./archive.ts";
import { checkCommand } from "./check.ts";
import { demoCommand } from "./demo.ts";
import { distributeCommand } from "./distribute.ts";
import { BadEnvironment } from "./environment.ts";
import { partitionCommand } from "./partition.ts";
import { serveCommand } from "./serve.ts";
import type { Serve } from "./serve.ts";
import type { Terminal } from "./terminal.ts";
import { testCommand } from "./test.ts";
import { tokenCommand } from "./token.ts";
import { typesCommand } from "./types.ts";
import { VOLUME_WORDS } from "./volume-words.ts";
import { CLI_LANGUAGES, cliLanguage, FRAME_WORDS } from "./words.ts";

export interface ProgramPorts {
  readonly version: string;
  readonly serve: Serve;
}

/** @param args without the program's own name; none: `serve` */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  ports: ProgramPorts,
): Promise<void> {
  const spoken: Terminal = { ...terminal, language: languageIn(args) ?? terminal.language };
  try {
    await program(spoken, ports).parseAsync(args.length === 0 ? ["serve"] : [...args], {
      from: "user",
    });
  } catch (error) {
    if (error instanceof CommanderError) return terminal.exitWith(error.exitCode);
    if (!isCallersMistake(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    terminal.exitWith(1);
  }
}

function program(terminal: Terminal, { version, serve }: ProgramPorts): Command {
  const words = FRAME_WORDS[cliLanguage(terminal)];
  const frame = new Command("sevenstep")
    .description(words.about)
    .version(version, "-V, --version", words.version)
    .helpOption("-h, --help", words.help)
    .helpCommand(false)
    .addOption(new Option("--lang <language>", words.language).choices(CLI_LANGUAGES));
  const { commands } = words;
  const { commands: volume } = VOLUME_WORDS[cliLanguage(terminal)];
  const all = [
    serveCommand(terminal, serve),
    tokenCommand(terminal),
    checkCommand(terminal).description(commands.check),
    testCommand(terminal).description(commands.test),
    typesCommand(terminal).description(commands.types),
    demoCommand(terminal),
    archiveCommand(terminal).description(volume.archive),
    distributeCommand(terminal).description(volume.distribute),
    partitionCommand(terminal).description(volume.partition),
  ];
  for (const command of all) {
    frame.addCommand(command.copyInheritedSettings(frame).helpOption("-h, --help", words.help));
  }
  for (const command of [frame, ...all]) command.exitOverride();
  return frame;
}

/** The texts of the options themselves depend on it, so it is read before they are declared. */
function languageIn(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "--lang" || arg.startsWith("--lang="));
  return args[at]?.split("=")[1] ?? (at === -1 ? undefined : args[at + 1]);
}

function isCallersMistake(error: unknown): error is Error {
  if (error instanceof BadEnvironment || error instanceof FolderLocked) return true;
  return error instanceof Error && "code" in error && CALLERS_CODES.has(String(error.code));
}

/**
 * What the system says when a port or a folder is not to be had, and Postgres when the user or the database in
 * DATABASE_URL is not (PostgreSQL error codes, appendix A).
 */
const CALLERS_CODES: ReadonlySet<string> = new Set([
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EACCES",
  "ENOTDIR",
  "EROFS",
  "ENOTFOUND",
  "28P01",
  "28000",
  "3D000",
]);
