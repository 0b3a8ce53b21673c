/** Puts a suite's run into text for a terminal: each scenario, the total, the coverage, and what no scenario reaches. */

import { textIn } from "../../machines/document/text.ts";
import { percentOf, shareOf, type Coverage } from "./coverage.ts";
import type { Mismatch } from "./mismatch.ts";
import type { Place } from "./places.ts";
import { REPORT_WORDS, type ReportLanguage, type ReportWords } from "./report-words.ts";
import type { Failure, ScenarioRun } from "./run-scenario.ts";
import type { SuiteRun } from "./run-suite.ts";
import { paint, type Paint } from "./paint.ts";

export interface ReportOptions {
  readonly language: ReportLanguage;
  readonly colour: boolean;
  /** Real time that the run took. */
  readonly elapsedMs: number;
  readonly definition: Source;
  readonly scenarios: Source;
}

/** A file as the reader knows it, and the lines in it. */
export interface Source {
  readonly name: string;
  readonly locate: (pointer: string) => number | null;
}

/** Ends without a line break. */
export function reportText(suite: SuiteRun, options: ReportOptions): string {
  const words: ReportWords = REPORT_WORDS[options.language];
  const colours = paint(options.colour);
  return [
    `${colours.strong(`${suite.process} ${suite.version}`)}  ${colours.faint(options.scenarios.name)}`,
    ...suite.runs.flatMap((run) => scenarioLines(run, options, words, colours)),
    "",
    totalLine(suite.runs, options, words, colours),
    "",
    ...coverageLines(suite.coverage, options.definition, words, colours),
  ].join("\n");
}

/** `31 d 2 h`: whole units, the zero ones left out. */
export function durationText(ms: number, units: ReportWords["units"]): string {
  const sizes = [86_400_000, 3_600_000, 60_000, 1_000, 1];
  const parts: string[] = [];
  let rest = Math.round(ms);
  for (const [index, size] of sizes.entries()) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${units[index] ?? ""}`);
  }
  return parts.length === 0 ? `0 ${units[3]}` : parts.join(" ");
}

function scenarioLines(
  run: ScenarioRun,
  options: ReportOptions,
  words: ReportWords,
  colours: Paint,
): readonly string[] {
  const mark = run.failure === null ? colours.good("✓") : colours.bad("✗");
  const title = textIn(run.title, options.language, "");
  const extent = `${words.steps(run.stepsRun)}, ${durationText(run.virtualMs, words.units)}`;
  const line = `  ${mark} ${run.id}${title === "" ? "" : `  ${title}`}  ${colours.faint(extent)}`;
  return run.failure === null
    ? [line]
    : [line, ...failureLines(run.failure, options.scenarios, words, colours)];
}

function failureLines(
  failure: Failure,
  source: Source,
  words: ReportWords,
  colours: Paint,
): readonly string[] {
  const { step, pointer, doing, mismatches, enabled } = failure;
  return [
    `      ${placeOf(source, pointer)}  ${words.step(step, doing)}`,
    ...mismatches.flatMap((mismatch) => mismatchLines(mismatch, words, colours)),
    `        ${enabled.length === 0 ? words.couldSendNothing : words.couldSend(enabled.join(", "))}`,
  ];
}

function mismatchLines(
  { aspect, at, expected, found }: Mismatch,
  words: ReportWords,
  colours: Paint,
): readonly string[] {
  return [
    `        ${words.aspects[aspect]}${at === "" ? "" : ` ${at}`}`,
    `          ${words.expected}  ${colours.good(expected)}`,
    `          ${words.found}  ${colours.bad(found)}`,
  ];
}

function totalLine(
  runs: readonly ScenarioRun[],
  { elapsedMs }: ReportOptions,
  words: ReportWords,
  colours: Paint,
): string {
  if (runs.length === 0) return colours.bad(words.none);
  const failed = runs.filter(({ failure }) => failure !== null).length;
  const steps = runs.reduce((sum, { stepsRun }) => sum + stepsRun, 0);
  const virtualMs = runs.reduce((sum, run) => sum + run.virtualMs, 0);
  const total = words.total(runs.length - failed, failed);
  const extent = `${words.steps(steps)}, ${durationText(virtualMs, words.units)}`;
  const elapsed = durationText(Math.max(1, elapsedMs), words.units);
  return `${failed === 0 ? colours.good(total) : colours.bad(total)}  (${extent}; ${elapsed})`;
}

const TALLIES = ["states", "transitions", "timers", "guardsTrue", "guardsFalse"] as const;

function coverageLines(
  coverage: Coverage,
  source: Source,
  words: ReportWords,
  colours: Paint,
): readonly string[] {
  const rows = TALLIES.map((key) => {
    const { reached, total } = coverage[key];
    const share = percentText(shareOf(coverage[key]));
    const row = `  ${String(reached).padStart(5)} / ${String(total).padEnd(5)} ${share.padStart(5)} %  ${words.tallies[key]}`;
    return reached === total ? row : colours.doubt(row);
  });
  const gaps = TALLIES.flatMap((key) => {
    const { missing } = coverage[key];
    if (missing.length === 0) return [];
    return [
      "",
      `${words.missing[key]}:`,
      ...byLine(missing, source).map(
        ({ pointer, label }) => `  ${placeOf(source, pointer)}  ${label}`,
      ),
    ];
  });
  return [`${words.coverage}: ${percentText(percentOf(coverage))} %`, ...rows, ...gaps];
}

/** In the order of the text: the compiler has the order's chart before the items'. */
function byLine(places: readonly Place[], { locate }: Source): readonly Place[] {
  return places.toSorted((a, b) => (locate(a.pointer) ?? 0) - (locate(b.pointer) ?? 0));
}

/** Rounded down, so that 100 means all. */
function percentText(percent: number): string {
  return (Math.floor(percent * 10) / 10).toFixed(1);
}

function placeOf({ name, locate }: Source, pointer: string): string {
  const line = locate(pointer);
  return line === null ? `${name}${pointer}` : `${name}:${line}`;
}
