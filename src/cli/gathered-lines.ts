/**
 * Gathers log lines for a moment, so that a busy server writes many at once. What warns, and everything before it, is
 * written at once, and what is left when the process ends in whatever orderly way; a kill can cost the last moment.
 */

import type { DestinationStream } from "pino";

export interface GatheredLinesPorts {
  /** Writes to the end before it returns. */
  readonly write: (text: string) => void;
  /** Calls once, later, without keeping the process alive for it. */
  readonly later: (work: () => void, ms: number) => void;
  /** Calls at the end of the process. */
  readonly atEnd: (work: () => void) => void;
}

const GATHER_MS = 50;
/** Characters. */
const AT_MOST = 65_536;
/** Pino's number for `warn`. */
const WARN = 40;

export function gatheredLines({ write, later, atEnd }: GatheredLinesPorts): DestinationStream {
  let waiting = "";
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    if (waiting === "") return;
    const text = waiting;
    waiting = "";
    write(text);
  };
  atEnd(flush);
  const stream: DestinationStream & PinoMetadata = {
    // Asks pino to say beforehand of which level a line is.
    [METADATA]: true,
    lastLevel: 0,
    write: (line) => {
      waiting += line;
      if (stream.lastLevel >= WARN || waiting.length >= AT_MOST) return flush();
      if (isDue) return;
      isDue = true;
      later(flush, GATHER_MS);
    },
  };
  return stream;
}

const METADATA: unique symbol = Symbol.for("pino.metadata");

interface PinoMetadata {
  readonly [METADATA]: true;
  /** Of the line that is written. */
  lastLevel: number;
}
