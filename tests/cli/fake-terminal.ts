/** Runs one command as the shell would, and keeps what it says. */

import type { Command } from "commander";

import type { Terminal } from "../../src/cli/terminal.ts";

export interface Outcome {
  readonly code: number;
  readonly output: string;
  /** What commander itself says of wrong usage. */
  readonly complaint: string;
}

export async function run(
  command: (terminal: Terminal) => Command,
  args: readonly string[],
  { language = "en", colour = false } = {},
): Promise<Outcome> {
  let code = 0;
  let output = "";
  let complaint = "";
  const terminal: Terminal = {
    write: (text) => {
      output += text;
    },
    colour,
    language,
    exitWith: (asked) => {
      code = asked;
    },
  };
  const made = command(terminal)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        complaint += text;
      },
    });
  try {
    await made.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof Error && "exitCode" in error)) throw error;
    code = Number(error.exitCode);
  }
  return { code, output, complaint };
}
