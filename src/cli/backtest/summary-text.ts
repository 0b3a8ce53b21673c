/** What a backtest came to, for people: counts first, then each kind with its reason and examples. */

import type { Executable } from "../../../machines/compile/executable.ts";
import { textIn } from "../../../machines/document/text.ts";
import { standingOf, type Standing, type Verdict } from "../../audit/backtest/backtest-history.ts";
import type { Refusal } from "../../audit/backtest/course.ts";
import type { BacktestSummary, Example } from "../../audit/backtest/tally.ts";
import { paint } from "../../design/paint.ts";
import { whyRefused } from "../../runtime/reasons.ts";
import { pathText, type Look } from "../replay/entry-text.ts";
import { shown } from "../replay/shown.ts";
import type { CliLanguage } from "../words.ts";
import { BACKTEST_WORDS, type BacktestWords } from "./words.ts";

const VERDICTS = [
  "same",
  "elsewhere",
  "refused",
  "undecided",
] as const satisfies readonly Verdict[];
/** Kinds that are printed; `--json` has all. */
const PRINTED = 20;

export function summaryText(summary: BacktestSummary, candidate: Executable, look: Look): string {
  const words = BACKTEST_WORDS[look.language];
  if (summary.histories === 0) return `${words.none}\n`;
  const { strong, good } = paint(look.colour);
  const { histories, entries, verdicts, versions } = summary;
  const under = versions.map(([version, count]) => `${version} (${count})`).join(", ");
  const counts = [
    ...VERDICTS.filter((verdict) => verdicts[verdict] > 0).map(
      (verdict) => [verdicts[verdict], words.verdicts[verdict]] as const,
    ),
    ...(summary.unprovenCount > 0 ? [[summary.unprovenCount, words.unproven] as const] : []),
  ];
  const width = Math.max(...counts.map(([count]) => String(count).length));
  const blocks = [
    [
      strong(words.ran(histories, entries, candidate.process, candidate.version)),
      words.recordedUnder(shown(under)),
      ...(summary.migrated > 0 ? [words.migrated(summary.migrated)] : []),
      ...counts.map(([count, text]) => `  ${String(count).padStart(width)}  ${text}`),
    ],
    ...sections(summary, candidate, look.language).map(([title, lines]) => [
      strong(title),
      ...lines,
    ]),
    ...(verdicts.same === histories ? [[good(words.allSame)]] : []),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

type Section = readonly [title: string, lines: readonly string[]];

function sections(
  summary: BacktestSummary,
  candidate: Executable,
  language: CliLanguage,
): readonly Section[] {
  const words = BACKTEST_WORDS[language];
  const all: readonly Section[] = [
    [
      words.refusals,
      summary.refusals
        .slice(0, PRINTED)
        .flatMap(({ refusal, count, examples }) => [
          `  ${words.times(count)}  ${refusalTitle(refusal, words)}`,
          `      ${shown(reasonOf(refusal, candidate, language))}`,
          exampleLine(examples, words),
        ]),
    ],
    [
      words.endings,
      summary.endings
        .slice(0, PRINTED)
        .flatMap(({ told, found, count, examples }) => [
          `  ${words.times(count)}  ${shown(words.ended(standingText(told, words), standingText(found, words)))}`,
          exampleLine(examples, words),
        ]),
    ],
    [
      words.partings,
      summary.partings
        .slice(0, PRINTED)
        .flatMap(({ event, told, found, count, examples }) => [
          `  ${words.times(count)}  ${shown(words.parted(event, pathText(told), pathText(found)))}`,
          exampleLine(examples, words),
        ]),
    ],
    [
      words.effects,
      summary.effects.map(
        ({ effect, told, found, histories }) =>
          `  ${shown(words.effect(effect, told, found, histories))}`,
      ),
    ],
    [
      words.unprovenNote,
      [
        ...summary.unproven.map(
          ({ id, revision, field }) => `  ${shown(`${id} #${revision} ${field}`)}`,
        ),
        ...summary.unread.map((reason) => `  ${shown(reason)}`),
      ],
    ],
  ];
  return all.filter(([, lines]) => lines.length > 0);
}

function refusalTitle(
  { event, rejected, order, isDecided }: Refusal,
  words: BacktestWords,
): string {
  const place =
    order === null ? words.start : words.at(standingText(standingOf(order.snapshot), words));
  const note = isDecided ? "" : ` (${words.undecidedNote})`;
  return shown(`${event} ${place}: ${rejected.code}${note}`);
}

function reasonOf(
  { event, rejected, order }: Refusal,
  candidate: Executable,
  language: CliLanguage,
): string {
  const why = order === null ? null : whyRefused(candidate, order, event, rejected);
  const errors = (rejected.errors ?? []).map(({ pointer, message }) => `${pointer}: ${message}`);
  const said = why === null ? "" : textIn(why, language, "");
  return said === "" ? (errors.length > 0 ? errors.join("; ") : rejected.detail) : said;
}

function standingText(
  { status, outcome, state, waitsFor }: Standing,
  words: BacktestWords,
): string {
  if (status === "done") return outcome ?? pathText(state);
  const jobs = waitsFor.length === 0 ? "" : ` (${words.waitsFor(waitsFor.join(", "))})`;
  return `${pathText(state)}${jobs}`;
}

function exampleLine(examples: readonly Example[], { example }: BacktestWords): string {
  const named = examples.map(({ id, revision }) => `${id} #${revision}`);
  return shown(`      ${example} ${named.join(", ")}`);
}
