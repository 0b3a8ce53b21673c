/**
 * A conformance report as a picture: the places one below the other in the order in which orders came to them, ways
 * forward on the right and ways back on the left, as wide as they were taken. It stands for itself: no script, no font.
 */

import { xmlText } from "../../audit/export/xml.ts";
import type { Commonness, Conformance, MoveCount } from "../../audit/conformance/conformance.ts";
import type { CliLanguage } from "../words.ts";
import { placeTitle, type ConformanceReport } from "./report.ts";
import { percent } from "./text.ts";
import { CONFORMANCE_WORDS } from "./words.ts";

const ROW = 64;
const BOX = { width: 240, height: 36 } as const;
const MARGIN = 24;
const TOP = 110;
/** How far an arc reaches out for each row that it passes. */
const REACH = 26;
const NARROWEST = 1.2;
const WIDEST = 12;

const COLOURS = {
  common: "#1f5f8b",
  rare: "#9aa7b0",
  override: "#c0392b",
} as const satisfies Record<Commonness, string>;

export function conformanceSvg(report: ConformanceReport, language: CliLanguage): string {
  const words = CONFORMANCE_WORDS[language];
  const { ways, process, titles, rareShare } = report;
  const places = placesOf(ways);
  const rows = new Map(places.map((place, row) => [place, row]));
  const moves = ways.moves.filter(({ from }) => from !== null);
  const most = Math.max(1, ...moves.map(({ times }) => times));
  const reach = MARGIN + REACH * Math.max(2, places.length);
  const x = reach;
  const width = 2 * reach + BOX.width;
  const height = TOP + ROW * places.length + MARGIN;
  const drawn = [...moves].toReversed().map((move) => arc(move, { rows, most, x, language }));
  const overridden = new Set(
    ways.variants.flatMap((variant) =>
      variant.places.flatMap(({ name, isOverridden }) => (isOverridden ? [name] : [])),
    ),
  );
  const boxes = places.map((place, row) => {
    const y = TOP + ROW * row;
    const isOverridden = overridden.has(place);
    const title = clipped(placeTitle(place, titles, language)) + (isOverridden ? " *" : "");
    const stroke = isOverridden ? COLOURS.override : "#34495e";
    return `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="#fff" stroke="${stroke}"/>
  <text x="${x + BOX.width / 2}" y="${y + 23}" text-anchor="middle">${xmlText(title)}</text>`;
  });
  const legend = (["common", "rare", "override"] as const).map(
    (each, index) =>
      `<line x1="${MARGIN + 130 * index}" y1="78" x2="${MARGIN + 28 + 130 * index}" y2="78" stroke="${COLOURS[each]}" stroke-width="4"${dashed(each)}/>
  <text x="${MARGIN + 36 + 130 * index}" y="82">${xmlText(words.commonness[each])}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${xmlText(words.ways[ways.level])}">
  <rect width="100%" height="100%" fill="#fbfcfd"/>
  <text x="${MARGIN}" y="32" font-size="17" font-weight="600">${xmlText(words.heading(process, ways.ended, ways.open))}</text>
  <text x="${MARGIN}" y="54" fill="#566">${xmlText(`${words.ways[ways.level]}. ${words.legend(percent(rareShare))}`)}</text>
  ${legend.join("\n  ")}
  ${drawn.join("\n  ")}
  ${boxes.join("\n  ")}
</svg>
`;
}

/** In the order in which orders came to them, by the mean of all ways; the ends come last. */
function placesOf({ variants, moves }: Conformance): readonly string[] {
  const seen = new Map<string, { sum: number; orders: number }>();
  for (const { places, orders } of variants) {
    const first = new Map(
      places.toReversed().map(({ name }, index) => [name, places.length - index]),
    );
    for (const [name, place] of first) {
      const known = seen.get(name) ?? { sum: 0, orders: 0 };
      seen.set(name, { sum: known.sum + place * orders, orders: known.orders + orders });
    }
  }
  // Where only orders under way have been.
  for (const { to } of moves)
    if (!seen.has(to)) seen.set(to, { sum: Number.MAX_SAFE_INTEGER, orders: 1 });
  const isLeft = new Set(moves.map(({ from }) => from));
  const rank = (name: string): number => {
    const { sum, orders } = seen.get(name) ?? { sum: 0, orders: 1 };
    return (isLeft.has(name) ? 0 : 1e9) + sum / orders;
  };
  return [...seen.keys()].toSorted((a, b) => rank(a) - rank(b));
}

interface Drawing {
  readonly rows: ReadonlyMap<string, number>;
  readonly most: number;
  readonly x: number;
  readonly language: CliLanguage;
}

function arc(move: MoveCount, { rows, most, x, language }: Drawing): string {
  const { from, to, times, orders, commonness, events } = move;
  const start = rows.get(from ?? "") ?? 0;
  const end = rows.get(to) ?? 0;
  const isForward = end > start;
  const y1 = TOP + ROW * start + BOX.height / 2 + (isForward ? 8 : -8);
  const y2 = TOP + ROW * end + BOX.height / 2 + (isForward ? -8 : 8);
  const side = isForward ? x + BOX.width : x;
  const out = REACH * Math.max(1.4, Math.abs(end - start)) * (isForward ? 1 : -1);
  const stroke = NARROWEST + (WIDEST - NARROWEST) * Math.sqrt(times / most);
  const words = CONFORMANCE_WORDS[language];
  const label = `${words.times(times, orders)}: ${events.join(", ")}`;
  return `<g><title>${xmlText(label)}</title><path d="M ${side} ${y1} C ${side + out} ${y1}, ${side + out} ${y2}, ${side} ${y2}" fill="none" stroke="${COLOURS[commonness]}" stroke-opacity="0.75" stroke-width="${stroke.toFixed(1)}"${dashed(commonness)}/><text x="${side + out * 0.78}" y="${(y1 + y2) / 2 + 4}" font-size="11" text-anchor="${isForward ? "start" : "end"}" fill="${COLOURS[commonness]}">${orders}</text></g>`;
}

/** Told apart without colours, too. */
function dashed(commonness: Commonness): string {
  return commonness === "common"
    ? ""
    : ` stroke-dasharray="${commonness === "rare" ? "5 4" : "2 3"}"`;
}

const LONGEST = 34;

function clipped(title: string): string {
  return title.length <= LONGEST ? title : `${title.slice(0, LONGEST - 1)}…`;
}
