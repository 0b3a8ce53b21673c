/** `sevenstep export`: histories for process mining, out of the database or from a server; a file is whole or not there. */

import { once } from "node:events";
import { open } from "node:fs/promises";
import { Command, Option } from "commander";
import { EXPORT_FORMATS, type ExportFormat } from "../audit/export/writer.ts";
import { exportText, type ExportProgress } from "../runtime/export-text.ts";
import type { Tell } from "./backtest.ts";
import { complaint } from "./export/complaint.ts";
import { progressOf } from "./export/progress.ts";
import { exportSource, type ExportSource } from "./export/source.ts";
import { EVERYTHING, periodOption, wantedIn, type Wanted } from "./export/wanted.ts";
import { wholeFile } from "./export/whole-file.ts";
import { EXPORT_WORDS, type ExportWords } from "./export/words.ts";
import type { Access } from "./histories/choose.ts";
import { NoHistories } from "./histories/histories.ts";
import { REPLAY_WORDS } from "./replay/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

const SQLITE = "ocel2-sqlite";

interface Options extends Access, Wanted {
  readonly format: ExportFormat | typeof SQLITE;
  readonly out?: string;
}

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
    .option("--period <period>", words.period, periodOption(words.badPeriod))
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
  const progress = progressOf(telling.tell, words);
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
