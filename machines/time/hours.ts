/** Reads a day's opening hours, `HH:MM-HH:MM` in order and without overlap, into milliseconds since local midnight. */

import { DAY_MS } from "./zone.ts";

/** `[opens, closes]` in milliseconds since local midnight; in order, disjoint, touching ones joined. */
export type LocalHours = readonly (readonly [number, number])[];

export interface HoursProblem {
  readonly index: number;
  readonly rule: "bad-hours" | "hours-out-of-order" | "hours-overlap";
  readonly message: string;
  readonly help: string;
}

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

const MINUTE_MS = 60_000;

export function parseHours(texts: readonly string[]): {
  readonly hours: LocalHours;
  readonly problems: readonly HoursProblem[];
} {
  const problems: HoursProblem[] = [];
  const hours: [number, number][] = [];
  for (const [index, text] of texts.entries()) {
    const interval = parseInterval(text);
    if (typeof interval === "string") {
      problems.push({
        index,
        rule: "bad-hours",
        message: interval,
        help: `Write local times such as "09:00-12:30"; "24:00" ends a day.`,
      });
      continue;
    }
    const before = hours.at(-1);
    if (before !== undefined && interval[0] < before[1]) {
      problems.push(misplaced(index, text, interval[1] <= before[0]));
    } else if (before !== undefined && interval[0] === before[1]) {
      before[1] = interval[1];
    } else {
      hours.push(interval);
    }
  }
  return { hours, problems };
}

function parseInterval(text: string): [number, number] | string {
  const match = HOURS.exec(text);
  if (match === null) return `Expected opening hours as HH:MM-HH:MM, found "${text}".`;
  const [openHour, openMinute, closeHour, closeMinute] = match.slice(1).map(Number);
  const opens = ((openHour ?? 0) * 60 + (openMinute ?? 0)) * MINUTE_MS;
  const closes =
    match[3] === undefined ? DAY_MS : ((closeHour ?? 0) * 60 + (closeMinute ?? 0)) * MINUTE_MS;
  if (opens < closes) return [opens, closes];
  return `Expected hours that close after they open on the same day, found "${text}".`;
}

function misplaced(index: number, text: string, entirelyBefore: boolean): HoursProblem {
  return entirelyBefore
    ? {
        index,
        rule: "hours-out-of-order",
        message: `Expected opening hours in order, found "${text}" after later ones.`,
        help: "List the day's hours from morning to evening.",
      }
    : {
        index,
        rule: "hours-overlap",
        message: `Expected hours that begin after the ones before them end, found "${text}".`,
        help: "Join the two, or move one of them.",
      };
}
