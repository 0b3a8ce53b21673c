/** A conformance report as text, for a terminal and for a file. */

import type { MoveCount, Variant } from "../../audit/conformance/conformance.ts";
import { padded } from "../demo/width.ts";
import type { CliLanguage } from "../words.ts";
import { placeTitle, type ConformanceReport } from "./report.ts";
import { CONFORMANCE_WORDS } from "./words.ts";

const SHOWN = 20;

export interface Look {
  readonly language: CliLanguage;
  readonly all: boolean;
}

export function conformanceText(report: ConformanceReport, look: Look): string {
  const words = CONFORMANCE_WORDS[look.language];
  const { process, ways, states, rareShare } = report;
  const shown = look.all ? ways.variants : ways.variants.slice(0, SHOWN);
  const hidden = ways.variants.slice(shown.length);
  const moves = (commonness: MoveCount["commonness"]) =>
    states.moves
      .filter((move) => move.commonness === commonness)
      .slice(0, look.all ? undefined : SHOWN)
      .map((move) => moveText(move, report, look.language));
  const overrides = states.overrides.map(
    ({ event, times, orders }) => `  ${event}  ${words.times(times, orders)}`,
  );
  const sections: readonly (readonly string[])[] = [
    [words.heading(process, ways.ended, ways.open)],
    [
      words.ways[ways.level],
      ...shown.map((variant) => variantText(variant, report, look.language)),
      ...(hidden.length === 0 ? [] : [`  ${words.more(hidden.length, sum(hidden))}`]),
      ...(ways.others === 0 ? [] : [`  ${words.others(ways.others)}`]),
      `  ${words.legend(percent(rareShare))}`,
    ],
    [words.overrides, ...(overrides.length === 0 ? [`  ${words.noOverrides}`] : overrides)],
    [words.onlyByOverride, ...moves("override")],
    [words.rareMoves, ...moves("rare")],
  ];
  return sections
    .filter((lines, index) => index < 3 || lines.length > 1)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function variantText(variant: Variant, report: ConformanceReport, language: CliLanguage): string {
  const words = CONFORMANCE_WORDS[language];
  const { places, orders, commonness, examples } = variant;
  const names = places.map(
    ({ name, isOverridden }) =>
      `${placeTitle(name, report.titles, language)}${isOverridden ? "*" : ""}`,
  );
  const share = `${percent(orders / report.ways.ended)} %`;
  const [example] = commonness === "common" ? [] : examples;
  const such = example === undefined ? "" : `  (${words.example} ${example})`;
  const label = padded(words.commonness[commonness], 9);
  return `  ${label}${String(orders).padStart(8)}${share.padStart(9)}  ${names.join(" → ")}${such}`;
}

function moveText(move: MoveCount, report: ConformanceReport, language: CliLanguage): string {
  const words = CONFORMANCE_WORDS[language];
  const title = (place: string): string => placeTitle(place, report.titles, language);
  const from = move.from === null ? words.start : title(move.from);
  const how = `${words.times(move.times, move.orders)}  ${move.events.join(", ")}`;
  return `  ${from} → ${title(move.to)}  ${how}`;
}

function sum(variants: readonly Variant[]): number {
  return variants.reduce((total, { orders }) => total + orders, 0);
}

/** Without an exponent, however small. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}
