/** `sevenstep serve`: starts the server by the environment, and stays until it is told to stop. */

import { Command } from "commander";
import { readEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

/** The composition root, handed in: this room may not import what stands to its right. */
export type Serve = (environment: Environment, terminal: Terminal) => Promise<void>;

export function serveCommand(terminal: Terminal, serve: Serve): Command {
  const words = FRAME_WORDS[cliLanguage(terminal)];
  return new Command("serve")
    .description(words.commands.serve)
    .addHelpText(
      "after",
      `\n${words.examples}
  sevenstep serve
  PORT=9000 HOST=0.0.0.0 sevenstep serve
  DATABASE_URL=postgres://me:secret@localhost/sevenstep sevenstep serve`,
    )
    .action(() => serve(readEnvironment(process.env), terminal));
}
