/** All entries of the wanted orders, order by order, each with what its definition tells: from the database or a server. */

import { hashLine, type Entry } from "../../audit/entry.ts";
import { createExecutables } from "../../audit/executables.ts";
import { chainedHistory, type ChainedEntry } from "../../audit/export/chained-history.ts";
import { vocabularyOf, type Vocabulary } from "../../audit/export/vocabulary.ts";
import { membersOf } from "../../audit/parse-line.ts";
import { HistoryDiverged } from "../../audit/rebuild.ts";
import { isJsonObject } from "../../../machines/json.ts";
import { exportedHistories } from "../../runtime/exported-histories.ts";
import { stepOf } from "../../runtime/position.ts";
import type { OrderPeriod } from "../../store/contracts/order-walk.ts";
import { NoHistories } from "../histories/histories.ts";
import type { DatabaseSource, ExportSource, ServerSource } from "./source.ts";
import { EVERYTHING } from "./wanted.ts";

export interface EntryOf {
  readonly entry: Entry;
  /** Of its definition. */
  readonly vocabulary: Vocabulary;
}

/** Entries of an order come together, in the order of their revisions. */
export function toldEntries(source: ExportSource, period: OrderPeriod): AsyncGenerator<EntryOf> {
  return source.kind === "server" ? fromServer(source, period) : fromDatabase(source, period);
}

async function* fromDatabase(
  { reading }: DatabaseSource,
  period: OrderPeriod,
): AsyncGenerator<EntryOf> {
  for await (const { pages } of exportedHistories(reading, period, EVERYTHING)) {
    for await (const page of pages()) yield* page;
  }
}

async function* fromServer(source: ServerSource, period: OrderPeriod): AsyncGenerator<EntryOf> {
  const vocabulary = vocabulariesOf(source);
  let read: ReturnType<typeof chainedHistory> | null = null;
  let process = "";
  for await (const line of linesIn(source.text({ format: "ndjson", ...period }))) {
    const { order, revision, payload } = membersOf(line);
    if (read === null || revision === 1) {
      read = chainedHistory(typeof order === "string" ? order : "");
      const named = isJsonObject(payload) ? payload["process"] : undefined;
      process = typeof named === "string" ? named : "";
    }
    const { entry } = orRefused(read, line);
    yield { entry, vocabulary: await vocabulary(process, entry.digest) };
  }
}

/** The server has looked already; what changed on the way shows here. */
function orRefused(read: ReturnType<typeof chainedHistory>, line: string): ChainedEntry {
  try {
    return read({ line, hash: hashLine(line) });
  } catch (error) {
    throw error instanceof HistoryDiverged ? new NoHistories(error.message) : error;
  }
}

type VocabularyOf = (process: string, digest: string) => Promise<Vocabulary>;

function vocabulariesOf({ definition }: ServerSource): VocabularyOf {
  const known = new Map<string, Vocabulary>();
  const executables = createExecutables();
  return async (process, digest) => {
    const before = known.get(digest);
    if (before !== undefined) return before;
    const canonical = await definition(process, digest);
    if (canonical === null) throw new NoHistories(`the server has no definition ${digest}`);
    const executable = executables.compile(digest, canonical);
    const vocabulary = vocabularyOf(executable, (value) => stepOf(executable.order, value));
    known.set(digest, vocabulary);
    return vocabulary;
  };
}

async function* linesIn(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
