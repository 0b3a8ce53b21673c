/** Tells whoever waits how far the reading of histories is, now and then and at its end. */

import type { ExportProgress } from "../../runtime/export-text.ts";
import type { Tell } from "../backtest.ts";
import type { ExportWords } from "./words.ts";

export interface Progress {
  readonly told: (progress: ExportProgress) => void;
  readonly end: (file: string | undefined) => void;
}

const TELL_EVERY_MS = 2_000;

/** Of a server's answer nothing is known but its text. */
export function progressOf(tell: Tell, words: ExportWords): Progress {
  let last: ExportProgress | null = null;
  let toldAt = performance.now();
  return {
    told: (progress) => {
      last = progress;
      if (performance.now() - toldAt < TELL_EVERY_MS) return;
      toldAt = performance.now();
      tell(`${words.progress(progress.orders, progress.entries)}\n`);
    },
    end: (file) => {
      if (last === null) return;
      const { orders, entries } = last;
      const text =
        file === undefined ? words.progress(orders, entries) : words.done(orders, entries, file);
      tell(`${text}\n`);
    },
  };
}
