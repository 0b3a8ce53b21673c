/** Reads one order's stored lines in turn, and refuses the first that is no entry or does not follow from the one before. */

import { hashLine, NO_LINE, type Entry } from "../entry.ts";
import { parseLine } from "../parse-line.ts";
import { HistoryDiverged } from "../rebuild.ts";

export interface StoredLine {
  readonly line: string;
  readonly hash: string;
}

export interface ChainedEntry {
  readonly entry: Entry;
  /** SHA-256 of the line. */
  readonly hash: string;
}

/**
 * What is exported is what was chained: replay alone tells whether it also follows from the events.
 * @throws {HistoryDiverged} by the reader that it gives
 */
export function chainedHistory(orderId: string): (stored: StoredLine) => ChainedEntry {
  let prev = NO_LINE;
  let revision = 0;
  return ({ line, hash }) => {
    revision += 1;
    const broken = (field: string): Error => new HistoryDiverged(orderId, { revision, field });
    const parsed = parseLine(line);
    if (parsed.kind === "malformed") throw broken(parsed.field);
    const { entry } = parsed;
    if (entry.order !== orderId) throw broken("order");
    if (entry.revision !== revision) throw broken("revision");
    if (entry.prev !== prev) throw broken("prev");
    prev = hashLine(line);
    if (prev !== hash) throw broken("hash");
    return { entry, hash };
  };
}
