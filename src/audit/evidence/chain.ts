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
