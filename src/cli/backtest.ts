/** `sevenstep backtest`: before a version is published, the past tells what it would have refused, and what ended elsewhere. */

import { Command } from "commander";
import { judge } from "../../machines/compile/judge.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { backtestHistory } from "../audit/backtest/backtest-history.ts";
import { createTally, type BacktestSummary, type Tally } from "../audit/backtest/tally.ts";
import { createExecutables } from "../audit/executables.ts";
import { executablesOf, type Recorded } from "../audit/recorded.ts";
import { periodIn } from "./backtest/period.ts";
import { summaryJson } from "./backtest/summary-json.ts";
import { summaryText } from "./backtest/summary-text.ts";
import { BACKTEST_WORDS, type BacktestWords } from "./backtest/words.ts";
import { formatOf, readNamed } from "./definition-files.ts";
import { bundleHistories, recordedIn } from "./histories/bundle-histories.ts";
import { chosenHistories, kindOf, type Access } from "./histories/choose.ts";
import { NoHistories, type Unread } from "./histories/histories.ts";
import { REPLAY_WORDS } from "./replay/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options extends Access {
  readonly against: string;
  readonly json?: true;
}

/** Progress goes to the standard error, for whoever waits. */
export type Tell = (line: string) => void;

/** Exit code 1: some history would not have gone as it was recorded, does not hold, or there is none. */
export function backtestCommand(
  terminal: Terminal,
  tell: Tell = (line) => void process.stderr.write(line),
): Command {
  const language = cliLanguage(terminal);
  const words = BACKTEST_WORDS[language];
  const command = new Command("backtest");
  return command
    .description(words.about)
    .argument("<definition>", words.definition)
    .requiredOption("--against <period|bundles>", words.against)
    .option("--json", words.json)
    .option("--url <url>", REPLAY_WORDS[language].url)
    .option("--token <token>", REPLAY_WORDS[language].token)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep backtest service-visit/1.1.0.yaml --against 2026-03
  sevenstep backtest service-visit/1.1.0.yaml --against bundles/ --json`,
    )
    .action(async (path: string, options: Options) => {
      const candidate = await candidateAt(path, command, words);
      try {
        const recorded = historiesIn(options, candidate.process, words);
        const summary = await backtested(candidate, recorded, tell, words);
        const look = { language, colour: terminal.colour };
        const isJson = options.json === true;
        terminal.write(
          isJson ? summaryJson(summary, candidate) : summaryText(summary, candidate, look),
        );
        if (summary.histories === 0 || summary.verdicts.same < summary.histories) {
          terminal.exitWith(1);
        }
      } catch (error) {
        if (!(error instanceof NoHistories)) throw error;
        command.error(`error: ${error.message}`);
      }
    });
}

async function candidateAt(
  path: string,
  command: Command,
  words: BacktestWords,
): Promise<Executable> {
  const [files] = await readNamed([path], command);
  if (files === undefined) throw new Error(`expected ${path} to be read, found nothing`);
  const { text } = files.definition;
  const { executable } = judge(text, formatOf(files.definition.path));
  return executable ?? command.error(`error: ${words.unsound(files.definition.path)}`);
}

async function* historiesIn(
  { against, ...access }: Options,
  process: string,
  words: BacktestWords,
): AsyncGenerator<Recorded | Unread, void> {
  const kind = await kindOf(against);
  if (kind === "file") {
    yield await recordedIn(against);
    return;
  }
  const period = periodIn(against);
  if (kind === null && period === null) throw new NoHistories(words.badPeriod);
  const histories =
    kind === "folder"
      ? bundleHistories(against)
      : await chosenHistories(access, globalThis.process.env);
  try {
    yield* histories.all(process, period ?? ALWAYS);
  } finally {
    await histories.close();
  }
}

/** A folder's bundles are chosen by who put them there. */
const ALWAYS = { from: "1970-01-01T00:00:00.000Z", to: "9999-12-31T23:59:59.999Z" } as const;

const TELL_EVERY_MS = 2_000;

async function backtested(
  candidate: Executable,
  histories: AsyncIterable<Recorded | Unread>,
  tell: Tell,
  words: BacktestWords,
): Promise<BacktestSummary> {
  const tally = createTally();
  const executables = createExecutables();
  const began = performance.now();
  let told = began;
  for await (const recorded of histories) {
    if ("kind" in recorded) tally.addUnread(recorded.reason);
    else tally.add(backtestHistory(candidate, recorded, executablesOf(recorded, executables)));
    const now = performance.now();
    if (now - told < TELL_EVERY_MS) continue;
    told = now;
    tell(`${progressOf(tally, now - began, words)}\n`);
  }
  return tally.summary();
}

function progressOf(tally: Tally, ms: number, words: BacktestWords): string {
  const { histories, verdicts } = tally.summary();
  const perSecond = Math.round((histories / ms) * 1_000);
  return words.progress(histories, histories - verdicts.same, perSecond);
}
