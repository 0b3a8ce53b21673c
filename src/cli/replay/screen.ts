/** A terminal that shows whole pages and gives single keys, and is left as it was found. */

import { emitKeypressEvents } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";

export interface Screen {
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly draw: (lines: readonly string[]) => void;
  /** The next key by name; `resize` when the terminal has another size; null: there will be none. */
  readonly key: () => Promise<string | null>;
  readonly close: () => void;
}

/** Opens a screen, or null: nobody sits at it. */
export type OpenScreen = () => Screen | null;

/** Alternate screen and hidden cursor, on and off (xterm control sequences, DECSET 1049 and 25). */
const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

export function processScreen(): Screen | null {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return null;
  return screenOn(stdin, stdout);
}

interface Keypress {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly sequence?: string;
}

function screenOn(input: ReadStream, output: WriteStream): Screen {
  const waiting: (string | null)[] = [];
  let wanted: ((key: string | null) => void) | null = null;
  const give = (key: string | null): void => {
    const take = wanted;
    wanted = null;
    if (take === null) waiting.push(key);
    else take(key);
  };
  const pressed = (_text: string | undefined, { name, ctrl, sequence }: Keypress): void => {
    const key = name ?? sequence ?? "";
    give(ctrl === true ? `ctrl+${key}` : key);
  };
  const resized = (): void => give("resize");
  const ended = (): void => give(null);
  const restore = (): void => void output.write(LEAVE);
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.on("keypress", pressed).on("end", ended).resume();
  output.on("resize", resized);
  // However the process ends, the terminal is usable after it.
  process.once("exit", restore);
  output.write(ENTER);
  return {
    size: () => ({ columns: output.columns, rows: output.rows }),
    draw: (lines) => {
      const text = lines.map((line) => `${line}${CLEAR_LINE}`).join("\r\n");
      output.write(`${HOME}${text}${CLEAR_BELOW}`);
    },
    key: () => {
      const next = waiting.shift();
      if (next !== undefined) return Promise.resolve(next);
      return new Promise((resolve) => {
        wanted = resolve;
      });
    },
    close: () => {
      process.off("exit", restore);
      input.off("keypress", pressed).off("end", ended).pause();
      output.off("resize", resized);
      input.setRawMode(false);
      restore();
    },
  };
}
