/** `sevenstep export`: histories for process mining, out of the database or from a server; a file is whole or not there. */

import { once } from "node:events";
import { open } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { epochMs } from "../../machines/time/instant.ts";
import { EXPORT_FORMATS, type ExportFormat } from "../audit/export/writer.ts";
import { exportText, type ExportProgress } from "../runtime/export-text.ts";
import type { OrderPeriod } from "../store/contracts/order-walk.ts";
import { ArchiveDetached, OrderDamaged } from "../store/errors.ts";
import type { Tell } from "./backtest.ts";
import { periodIn } from "./backtest/period.ts";
import { exportSource, type ExportSource } from "./export/source.ts";
import { wholeFile } from "./export/whole-file.ts";
import { EXPORT_WORDS, type ExportWords } from "./export/words.ts";
import type { Access } from "./histories/choose.ts";
import { NoHistories, type Period } from "./histories/histories.ts";
import { REPLAY_WORDS } from "./replay/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

const SQLITE = "ocel2-sqlite";

interface Options extends Access {
  readonly format: ExportFormat | typeof SQLITE;
  readonly period?: Period;
  readonly process?: string;
  readonly centre?: string;
  readonly out?: string;
}

const EVERYTHING = { centres: "*" } as const;
const TELL_EVERY_MS = 2_000;

/** Exit code 1: nothing was written, or to the standard output a part that is no whole file. */
export function exportCommand(
  terminal: Terminal,
  tell: Tell = (line) => void process.stderr.write(line),
): Command {
  const language = cliLanguage(terminal);
  const words = EXPORT_WORDS[language];
  const command = new Command("export");
  return command
    .description(words.about)
    .addOption(
      new Option("--format <format>", words.format)
        .choices([...EXPORT_FORMATS, SQLITE])
        .default("ocel2"),
    )
    .option("--period <period>", words.period, (text) => periodOf(text, words))
    .option("--process <name>", words.process)
    .option("--centre <name>", words.centre)
    .option("--out <file>", words.out)
    .option("--url <url>", REPLAY_WORDS[language].url)
    .option("--token <token>", REPLAY_WORDS[language].token)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep export --period 2026-03 --out march.jsonocel
  sevenstep export --format xes --process service-visit --out visits.xes
  sevenstep export --format ocel2-sqlite --out visits.sqlite`,
    )
    .action(async (options: Options) => {
      try {
        await exported(options, { terminal, tell, words });
      } catch (error) {
        command.error(`error: ${complaint(error, words)}`);
      }
    });
}

function periodOf(text: string, { badPeriod }: ExportWords): Period {
  const period = periodIn(text);
  if (period === null) throw new InvalidArgumentError(badPeriod);
  return period;
}

interface Telling {
  readonly terminal: Terminal;
  readonly tell: Tell;
  readonly words: ExportWords;
}

async function exported(options: Options, telling: Telling): Promise<void> {
  const { words } = telling;
  const { format, out } = options;
  if (format === SQLITE && out === undefined) throw new NoHistories(words.needsFile);
  const source = await exportSource(options, process.env);
  const progress = progressOf(telling);
  try {
    if (out === undefined) {
      await toStandardOutput(textOf(source, options, progress.told), telling.terminal);
    } else await wholeFile(out, (part) => toFile(part, source, options, telling, progress.told));
    progress.end(out);
  } finally {
    if (source.kind === "database") await source.close();
  }
}

async function toFile(
  path: string,
  source: ExportSource,
  options: Options,
  { words }: Telling,
  told: (progress: ExportProgress) => void,
): Promise<void> {
  if (options.format !== SQLITE) {
    const file = await open(path, "w");
    try {
      for await (const piece of textOf(source, options, told)) await file.appendFile(piece);
    } finally {
      await file.close();
    }
    return;
  }
  if (source.kind === "server") throw new NoHistories(words.needsDatabase);
  // Not every Node that runs us has it without a warning; only here it is needed.
  const { DatabaseSync } = await import("node:sqlite");
  const { exportSqlite } = await import("../runtime/export-sqlite.ts");
  const database = new DatabaseSync(path);
  try {
    await exportSqlite(source.reading, database, wantedIn(options), EVERYTHING, told);
  } finally {
    database.close();
  }
}

function textOf(
  source: ExportSource,
  options: Options,
  told: (progress: ExportProgress) => void,
): AsyncGenerator<string> {
  const { format } = options;
  if (format === SQLITE) throw new Error("a database is no text");
  const request = { format, ...wantedIn(options) };
  return source.kind === "server"
    ? source.text(request)
    : exportText(source.reading, request, EVERYTHING, told);
}

function wantedIn({ period, process: of, centre }: Options): OrderPeriod {
  return {
    ...(period === undefined ? {} : { from: epochMs(period.from), to: epochMs(period.to) }),
    ...(of === undefined ? {} : { process: of }),
    ...(centre === undefined ? {} : { centre }),
  };
}

/** As fast as the reader takes it. */
async function toStandardOutput(
  pieces: AsyncGenerator<string>,
  { write }: Terminal,
): Promise<void> {
  for await (const piece of pieces) {
    write(piece);
    if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
  }
}

interface Progress {
  readonly told: (progress: ExportProgress) => void;
  readonly end: (file: string | undefined) => void;
}

/** Of a server's answer nothing is known but its text. */
function progressOf({ tell, words }: Telling): Progress {
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
      tell(
        `${file === undefined ? words.progress(orders, entries) : words.done(orders, entries, file)}\n`,
      );
    },
  };
}

function complaint(error: unknown, words: ExportWords): string {
  if (error instanceof OrderDamaged) return words.damaged(error.id, error.revision, error.field);
  if (error instanceof ArchiveDetached || error instanceof NoHistories) return error.message;
  // What `fetch` says when an answer ends in the middle.
  if (error instanceof TypeError && error.message === "terminated") return words.brokenOff;
  throw error;
}
