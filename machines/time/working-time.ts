/** Adds and measures working time: only what passes while a calendar is open counts, in real elapsed milliseconds. */

import type { Instant } from "../order.ts";
import type { Calendar, Opening } from "./calendar.ts";
import type { Day } from "./calendar-dates.ts";
import type { Duration } from "./duration.ts";
import { epochMs, formatInstant, isWithinBounds } from "./instant.ts";
import { isProblem, type Problem } from "./problem.ts";
import { DAY_MS } from "./zone.ts";

/** How far ahead a calendar is searched; no document means more. */
const MAX_DAYS = 36_525;

/** What a walk through the openings has come to. */
interface Place {
  readonly day: Day;
  readonly opening: Opening;
  readonly ms: number;
}

/**
 * The instant that is `duration` of working time after `at`. It begins at `at`, or at the next opening when `at` is
 * outside opening hours; a closing instant counts as inside.
 *
 * Then come the `days`: the same local time of day, that many working days (local dates with opening hours) later. Where
 * that date is not yet open at this local time, or in a break, it is the next opening of the date; where it has closed
 * already, it is the last closing of the date.
 *
 * Then comes the exact part: the earliest instant within opening hours, closing instants included, such that exactly so
 * much working time has passed. Clock changes within an opening are counted as they elapse, so `working PT1H` is always
 * sixty real minutes.
 *
 * A problem, when the calendar has no opening left, when the result lies beyond its `validTo` or more than 100 years
 * ahead, and when the duration has years, months or weeks, which no calendar of working days defines.
 */
export function addWorkingTime(
  at: Instant,
  duration: Duration,
  calendar: Calendar,
): Instant | Problem {
  const { years, months, weeks, days, exactMs } = duration;
  if (years + months + weeks > 0) return { problem: WORKING_UNITS };
  const start = placeAt(epochMs(at), calendar);
  if (isProblem(start)) return start;
  const sameTime = days === 0 ? start : addWorkingDays(start, days, calendar);
  if (isProblem(sameTime)) return sameTime;
  const end = addOpenMs(sameTime, exactMs, calendar);
  if (isProblem(end)) return end;
  if (!isWithinBounds(end.ms)) return { problem: "Expected an instant before the year 10000" };
  return formatInstant(end.ms);
}

export const WORKING_UNITS =
  "Expected working time in days, hours, minutes and seconds, found years, months or weeks";

/** Open milliseconds between two instants; negative when `to` is before `from`; a problem beyond `validTo`. */
export function workingTimeBetween(
  from: Instant,
  to: Instant,
  calendar: Calendar,
): number | Problem {
  const [fromMs, toMs] = [epochMs(from), epochMs(to)];
  if (toMs < fromMs) {
    const reversed = workingTimeBetween(to, from, calendar);
    return isProblem(reversed) ? reversed : 0 - reversed;
  }
  let total = 0;
  const first = dayOf(fromMs, calendar);
  for (let day = first; calendar.zone.instantOf(day * DAY_MS) < toMs; day++) {
    if (isUnknown(day, calendar)) return { problem: beyondValidTo(calendar) };
    if (day - first > MAX_DAYS) return { problem: TOO_FAR };
    for (const { opens, closes } of calendar.openings(day)) {
      total += Math.max(0, Math.min(closes, toMs) - Math.max(opens, fromMs));
    }
  }
  return total;
}

const TOO_FAR = "Expected a result within 100 years, found no end of the working time by then";

/** The first place within opening hours, closing instants included, at or after `ms`. */
function placeAt(ms: number, calendar: Calendar): Place | Problem {
  let closing: Place | null = null;
  // Where `ms` is midnight, an opening of the date before may close at it.
  const yesterday = dayOf(ms, calendar) - 1;
  for (let day = yesterday; day <= yesterday + MAX_DAYS; day++) {
    const problem = runsOut(day, calendar);
    if (problem !== null) return closing ?? problem;
    for (const opening of calendar.openings(day)) {
      if (opening.closes === ms) closing = { day, opening, ms };
      if (opening.closes <= ms) continue;
      if (opening.opens <= ms) return { day, opening, ms };
      return closing ?? { day, opening, ms: opening.opens };
    }
  }
  return closing ?? { problem: TOO_FAR };
}

function addWorkingDays(start: Place, days: number, calendar: Calendar): Place | Problem {
  const timeOfDay = calendar.zone.localOf(start.ms) - start.day * DAY_MS;
  let left = days;
  for (let day = start.day + 1; day <= start.day + MAX_DAYS; day++) {
    const problem = runsOut(day, calendar);
    if (problem !== null) return problem;
    const openings = calendar.openings(day);
    const last = openings.at(-1);
    if (last === undefined || --left > 0) continue;
    const wanted = calendar.zone.instantOf(day * DAY_MS + timeOfDay);
    const opening = openings.find(({ closes }) => wanted <= closes) ?? last;
    return { day, opening, ms: Math.min(Math.max(wanted, opening.opens), opening.closes) };
  }
  return { problem: TOO_FAR };
}

function addOpenMs(start: Place, exactMs: number, calendar: Calendar): Place | Problem {
  if (exactMs === 0) return start;
  let left = exactMs;
  for (let day = start.day; day <= start.day + MAX_DAYS; day++) {
    const problem = runsOut(day, calendar);
    if (problem !== null) return problem;
    for (const opening of calendar.openings(day)) {
      const from = Math.max(opening.opens, start.ms);
      const open = opening.closes - from;
      if (open <= 0) continue;
      if (left <= open) return { day, opening, ms: from + left };
      left -= open;
    }
  }
  return { problem: TOO_FAR };
}

/** Why there is no opening on this day or any after it; null when there may be. */
function runsOut(day: Day, calendar: Calendar): Problem | null {
  if (isUnknown(day, calendar)) return { problem: beyondValidTo(calendar) };
  if (calendar.lastOpenDay === null || day <= calendar.lastOpenDay) return null;
  return { problem: "Expected a calendar that opens again, found no opening hours any more" };
}

function isUnknown(day: Day, calendar: Calendar): boolean {
  return calendar.lastDay !== null && day > calendar.lastDay;
}

function beyondValidTo({ lastDay }: Calendar): string {
  const date = new Date((lastDay ?? 0) * DAY_MS).toISOString().slice(0, 10);
  return `Expected working time up to ${date}, the last date that the calendar knows (validTo), found a longer one`;
}

function dayOf(ms: number, calendar: Calendar): Day {
  return Math.floor(calendar.zone.localOf(ms) / DAY_MS);
}
