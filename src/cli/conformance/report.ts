/** What a conformance report tells: ways on the level that was asked for, and moves between the very states. */

import type { Text } from "../../../machines/document/document.ts";
import { textIn } from "../../../machines/document/text.ts";
import type { Conformance } from "../../audit/conformance/conformance.ts";
import type { CliLanguage } from "../words.ts";

export interface ConformanceReport {
  readonly process: string;
  readonly rareShare: number;
  readonly ways: Conformance;
  /** By state, whatever the ways are by. */
  readonly states: Conformance;
  /** Of steps, and of states by their paths. */
  readonly titles: ReadonlyMap<string, Text>;
}

/** A place as people call it: `Repair › In progress`; of parallel states each. */
export function placeTitle(
  place: string,
  titles: ReadonlyMap<string, Text>,
  language: CliLanguage,
): string {
  const names = place.split(" + ").map((path) => {
    const keys = path.split(".");
    const around = keys.slice(0, 1).join(".");
    const own = textIn(titles.get(path), language, keys.at(-1) ?? path);
    if (keys.length === 1) return own;
    return `${textIn(titles.get(around), language, around)} › ${own}`;
  });
  return [...new Set(names)].join(" + ");
}
