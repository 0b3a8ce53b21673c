/** The command frame: every command with its texts, unknown options refused, and failures told in one line. */

import { Command, CommanderError, Option } from "commander";
import { LogWentBack } from "../runtime/log-standing.ts";
import { KeystoreUnfit } from "../keys/unfit.ts";
import { KeystoreForeign } from "../runtime/tie-keystore.ts";
import { FolderLocked } from "../store/errors.ts";
import { BadEnvironment } from "./environment.ts";
import { serveCommand } from "./serve.ts";
import type { Serve } from "./serve.ts";
import type { Terminal } from "./terminal.ts";
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
    const asked = args.length === 0 ? ["serve"] : [...args];
    const others = asked[0] === "serve" ? [] : await loadOthers(spoken);
    await program(spoken, ports, others).parseAsync(asked, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return terminal.exitWith(error.exitCode);
    if (!isCallersMistake(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    terminal.exitWith(1);
  }
}

function program(
  terminal: Terminal,
  { version, serve }: ProgramPorts,
  others: readonly Command[],
): Command {
  const words = FRAME_WORDS[cliLanguage(terminal)];
  const frame = new Command("sevenstep")
    .description(words.about)
    .version(version, "-V, --version", words.version)
    .helpOption("-h, --help", words.help)
    .helpCommand(false)
    .addOption(new Option("--lang <language>", words.language).choices(CLI_LANGUAGES));
  const all = [serveCommand(terminal, serve), ...others];
  for (const command of all) {
    frame.addCommand(command.copyInheritedSettings(frame).helpOption("-h, --help", words.help));
  }
  for (const command of [frame, ...all]) command.exitOverride();
  return frame;
}

async function loadOthers(terminal: Terminal): Promise<readonly Command[]> {
  const { otherCommands } = await import("./commands.ts");
  return otherCommands(terminal);
}

/** The texts of the options themselves depend on it, so it is read before they are declared. */
function languageIn(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "--lang" || arg.startsWith("--lang="));
  return args[at]?.split("=")[1] ?? (at === -1 ? undefined : args[at + 1]);
}

function isCallersMistake(error: unknown): error is Error {
  if (error instanceof BadEnvironment || error instanceof FolderLocked) return true;
  if (error instanceof LogWentBack || error instanceof KeystoreForeign) return true;
  if (error instanceof KeystoreUnfit) return true;
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
