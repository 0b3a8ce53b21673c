/** The commands' way to the outside, so that a test can stand in for the terminal. */

import { isatty } from "node:tty";

export interface Terminal {
  /** Writes text as it is to the standard output. */
  readonly write: (text: string) => void;
  /** Whether the reader sees colours: a terminal, and NO_COLOR (no-color.org) is not set. */
  readonly colour: boolean;
  /** BCP 47 tag of the reader's language. */
  readonly language: string;
  /** The exit code of the process once the command has ended. */
  readonly exitWith: (code: number) => void;
}

/** File descriptor of the standard output (POSIX). */
const STDOUT = 1;

export function processTerminal(): Terminal {
  const { LC_ALL, LC_MESSAGES, LANG, NO_COLOR } = process.env;
  return {
    write: (text) => void process.stdout.write(text),
    colour: isatty(STDOUT) && (NO_COLOR ?? "") === "",
    // The first that is set wins (POSIX.1-2017, XBD 8.2).
    language: (LC_ALL || LC_MESSAGES || LANG || "en").split(/[._@-]/)[0] ?? "en",
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}
