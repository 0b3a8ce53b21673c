/** `sevenstep conformance`: which ways the orders of a process really went, as text, JSON and a picture. */

import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Text } from "../../machines/document/document.ts";
import { createConformance } from "../audit/conformance/conformance.ts";
import {
  createPathReader,
  LEVELS,
  type Level,
  type PathReader,
} from "../audit/conformance/path.ts";
import type { Vocabulary } from "../audit/export/vocabulary.ts";
import type { Tell } from "./backtest.ts";
import type { ConformanceReport } from "./conformance/report.ts";
import { conformanceSvg } from "./conformance/svg.ts";
import { conformanceText } from "./conformance/text.ts";
import { CONFORMANCE_WORDS, type ConformanceWords } from "./conformance/words.ts";
import { complaint } from "./export/complaint.ts";
import { progressOf, type Progress } from "./export/progress.ts";
import { exportSource } from "./export/source.ts";
import { toldEntries } from "./export/told-entries.ts";
import { periodOption, wantedIn, type Wanted } from "./export/wanted.ts";
import { EXPORT_WORDS } from "./export/words.ts";
import type { Access } from "./histories/choose.ts";
import { NoHistories } from "./histories/histories.ts";
import { REPLAY_WORDS } from "./replay/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options extends Access, Omit<Wanted, "process"> {
  readonly by: Level;
  /** A share of one. */
  readonly rare: number;
  readonly override: readonly string[];
  readonly svg?: string;
  readonly json?: true;
  readonly all?: true;
}

const RARE_SHARE = 0.05;
const OVERRIDE = /^OVERRIDE/;

/** Exit code 1: there is nothing to tell of, or a history is not whole. */
export function conformanceCommand(
  terminal: Terminal,
  tell: Tell = (line) => void process.stderr.write(line),
): Command {
  const language = cliLanguage(terminal);
  const words = CONFORMANCE_WORDS[language];
  const common = EXPORT_WORDS[language];
  const command = new Command("conformance");
  return command
    .description(words.about)
    .argument("<process>", words.process)
    .option("--period <period>", common.period, periodOption(common.badPeriod))
    .option("--centre <name>", common.centre)
    .addOption(new Option("--by <level>", words.by).choices(LEVELS).default("step"))
    .option("--rare <percent>", words.rare, shareIn(words), RARE_SHARE)
    .option("--override <event>", words.override, gathered, [])
    .option("--svg <file>", words.svg)
    .option("--json", words.json)
    .option("--all", words.all)
    .option("--url <url>", REPLAY_WORDS[language].url)
    .option("--token <token>", REPLAY_WORDS[language].token)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep conformance service-visit --period 2026-03
  sevenstep conformance service-visit --by state --svg ways.svg`,
    )
    .action(async (name: string, options: Options) => {
      try {
        const progress = progressOf(tell, common);
        const report = await reported(name, options, progress);
        const { ended, open } = report.ways;
        if (ended + open === 0) throw new NoHistories(words.none);
        const { svg, json, all = false } = options;
        if (svg !== undefined) await writeFile(svg, conformanceSvg(report, language));
        const { titles: _titles, ...told } = report;
        terminal.write(
          json === true
            ? `${JSON.stringify(told, null, 2)}\n`
            : conformanceText(report, { language, all }),
        );
      } catch (error) {
        command.error(`error: ${complaint(error, common)}`);
      }
    });
}

function shareIn({ badRare }: ConformanceWords): (text: string) => number {
  return (text) => {
    const percent = Number(text);
    if (!/^\d{1,3}(\.\d{1,3})?$/.test(text) || percent > 100) {
      throw new InvalidArgumentError(badRare);
    }
    return percent / 100;
  };
}

function gathered(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

async function reported(
  name: string,
  options: Options,
  { told }: Progress,
): Promise<ConformanceReport> {
  const { by, rare: rareShare, override } = options;
  const isOverride = (type: string): boolean => OVERRIDE.test(type) || override.includes(type);
  const source = await exportSource(options, process.env);
  try {
    const ways = createConformance(by, rareShare);
    const states = createConformance("state", rareShare);
    const titles = new Map<string, Text>();
    const seen = new Set<Vocabulary>();
    let orders = 0;
    let entries = 0;
    let way: Way | null = null;
    const end = (): void => {
      if (way === null) return;
      ways.add(way.order, way.places.path(), way.hasEnded);
      states.add(way.order, way.states.path(), way.hasEnded);
      orders += 1;
      told({ orders, entries });
    };
    for await (const { entry, vocabulary } of toldEntries(
      source,
      wantedIn({ ...options, process: name }),
    )) {
      if (way?.order !== entry.order) {
        end();
        way = newWay(entry.order, by, isOverride);
      }
      way.places.add(entry, vocabulary);
      way.states.add(entry, vocabulary);
      way.hasEnded = vocabulary.isEnd(entry.after);
      entries += 1;
      if (seen.has(vocabulary)) continue;
      seen.add(vocabulary);
      for (const [place, title] of vocabulary.titles) titles.set(place, title);
    }
    end();
    const found = { ways: ways.result(), states: states.result() };
    return { process: name, rareShare, ...found, titles };
  } finally {
    if (source.kind === "database") await source.close();
  }
}

interface Way {
  readonly order: string;
  readonly places: PathReader;
  readonly states: PathReader;
  hasEnded: boolean;
}

function newWay(order: string, by: Level, isOverride: (type: string) => boolean): Way {
  const places = createPathReader(by, isOverride);
  return { order, places, states: createPathReader("state", isOverride), hasEnded: false };
}
