/** Reads a day's opening hours: `HH:MM-HH:MM` in order and without overlap, every mistake as a finding. */

import type { Severity } from "../finding.ts";
import { DAY_MS } from "./zone.ts";

/** `[opens, closes]` in milliseconds since local midnight; in order, disjoint, touching ones joined. */
export type LocalHours = readonly (readonly [number, number])[];

/** @param at where the mistake stands, as a JSON Pointer from the calendar's declaration */
export type Report = (
  severity: Severity,
  rule: string,
  at: string,
  message: string,
  help: string,
) => void;

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

const MINUTE_MS = 60_000;

/** The hours that can be read and stand in order; the others are reported under `at`, and left out. */
export function parseHours(texts: readonly string[], at: string, report: Report): LocalHours {
  const hours: [opens: number, closes: number][] = [];
  for (const [index, text] of texts.entries()) {
    const interval = parseInterval(text);
    const before = hours.at(-1);
    if (interval === null) {
      const found = `Expected opening hours HH:MM-HH:MM that close after they open, found "${text}".`;
      const help = `Write local times such as "09:00-12:30"; "24:00" ends a day, and what goes on belongs to the next one.`;
      report("error", "bad-hours", `${at}/${index}`, found, help);
    } else if (before === undefined || interval[0] > before[1]) {
      hours.push(interval);
    } else if (interval[0] === before[1]) {
      before[1] = interval[1];
    } else if (interval[1] <= before[0]) {
      const found = `Expected opening hours in order, found "${text}" after later ones.`;
      const help = "List the day's hours from morning to evening.";
      report("error", "hours-out-of-order", `${at}/${index}`, found, help);
    } else {
      const found = `Expected hours that open when the ones before have closed, found "${text}".`;
      report("error", "hours-overlap", `${at}/${index}`, found, "Join the two, or move one.");
    }
  }
  return hours;
}

function parseInterval(text: string): [number, number] | null {
  const match = HOURS.exec(text);
  if (match === null) return null;
  const [openHour = 0, openMinute = 0, closeHour = 24, closeMinute = 0] = match
    .slice(1)
    .map((digits: string | undefined) => (digits === undefined ? undefined : Number(digits)));
  const opens = (openHour * 60 + openMinute) * MINUTE_MS;
  const closes = Math.min((closeHour * 60 + closeMinute) * MINUTE_MS, DAY_MS);
  return opens < closes ? [opens, closes] : null;
}
