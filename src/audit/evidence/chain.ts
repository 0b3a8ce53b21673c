/** Puts an order's lines into one chain, each after the one that it names; the first that does not belong there is told. */

import { hashLine, NO_LINE, type Entry } from "../entry.ts";
import { parseLine } from "../parse-line.ts";
import { refuted, type Refuted } from "./verdict.ts";

export interface Chain {
  /** Null: the line is the next entry. */
  readonly take: (line: string) => Refuted | null;
  /** All that were taken. */
  readonly entries: readonly Entry[];
  /** Of the last line; 64 zeros before the first. */
  readonly lastHash: () => string;
}

export function createChain(order: string): Chain {
  const entries: Entry[] = [];
  let lastHash = NO_LINE;
  return {
    entries,
    lastHash: () => lastHash,
    take: (line) => {
      const revision = entries.length + 1;
      if (nestsDeeper(line, MOST_LEVELS)) {
        return refuted(`entry ${revision}`, `at most ${MOST_LEVELS} levels of nesting`, "more");
      }
      const read = parseLine(line);
      if (read.kind === "malformed") {
        return refuted(`entry ${revision}, ${read.field}`, read.expected, read.found);
      }
      const { entry } = read;
      const expected = { order, revision, prev: lastHash };
      for (const member of ["order", "revision", "prev"] as const) {
        if (entry[member] === expected[member]) continue;
        const found = String(entry[member]);
        return refuted(`entry ${revision}, ${member}`, String(expected[member]), found);
      }
      entries.push(entry);
      lastHash = hashLine(line);
      return null;
    },
  };
}

/** A body has 32 at most; what an expression makes of it, a few more. Whoever reads a thousand times as many runs out of stack. */
const MOST_LEVELS = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set(Buffer.from("[{"));
const CLOSING: ReadonlySet<number> = new Set(Buffer.from("]}"));

function nestsDeeper(json: string, levels: number): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) isText = !isText;
    else if (isText) at += code === BACKSLASH ? 1 : 0;
    else if (OPENING.has(code)) depth += 1;
    else if (CLOSING.has(code)) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}
