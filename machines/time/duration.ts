/** Reads ISO 8601 durations and adds them to instants: days and longer on the calendar, hours and shorter exactly. */

import { Temporal } from "temporal-polyfill";
import type { Instant } from "../order.ts";
import { epochMs, formatInstant, isWithinBounds } from "./instant.ts";
import type { Problem } from "./problem.ts";
import { zoneOf } from "./zone.ts";

/** Never negative. The four calendar units depend on the date they are added to; `exactMs` does not. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  /** Hours, minutes and seconds together, in whole milliseconds. */
  readonly exactMs: number;
}

/** Longest duration, in years: longer ones are taken for mistakes. */
export const MAX_YEARS = 100;

const ISO_8601 =
  /^P(?:(\d+)W|(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?)$/;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_DAYS = 365.25;

/**
 * The grammar of RFC 3339 appendix A: `P1Y2M3DT4H5M6S` with any parts left out, or weeks alone (`P2W`).
 * Only seconds may have a fraction; what is finer than a millisecond is rounded up, so that nothing falls due early.
 */
export function parseDuration(text: string): Duration | Problem {
  const match = ISO_8601.exec(text);
  if (match === null) return { problem: whyNoDuration(text) };
  const [weeks, years, months, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const duration = {
    years: years ?? 0,
    months: months ?? 0,
    weeks: weeks ?? 0,
    days: days ?? 0,
    exactMs: Math.ceil(((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000 + millis(seconds ?? 0)),
  };
  if (nominalDays(duration) > MAX_YEARS * YEAR_DAYS) {
    return { problem: `Expected a duration of at most ${MAX_YEARS} years, found "${text}"` };
  }
  return duration;
}

/** Of no length, however it is written: `PT0S`, `P0D`. */
export function isZero(duration: Duration): boolean {
  return nominalDays(duration) === 0;
}

/**
 * The instant that is `duration` after `at`: first the calendar units, keeping the local time of day in `timeZone`
 * (a day is 23 or 25 hours long where clocks change; a local time that is skipped is moved on by the length of the gap,
 * RFC 5545 section 3.3.5), then the exact part. A month's last days are kept within the month they lead to.
 */
export function addDuration(at: Instant, duration: Duration, timeZone: string): Instant | Problem {
  const { exactMs } = duration;
  const start = epochMs(at);
  const end =
    (steadyEnd(start, duration, timeZone) ?? endOnCalendar(start, duration, timeZone)) + exactMs;
  if (!isWithinBounds(end)) return { problem: `Expected an instant before the year 10000` };
  return formatInstant(end);
}

/** Where no clock changes on the way a day is a day; null when the calendar has to be asked. */
function steadyEnd(
  start: number,
  { years, months, weeks, days }: Duration,
  timeZone: string,
): number | null {
  if (years + months > 0) return null;
  const end = start + (weeks * 7 + days) * DAY_MS;
  const until = end === start ? Infinity : zoneOf(timeZone)?.steadyUntil(start);
  return until !== undefined && end < until ? end : null;
}

function endOnCalendar(
  start: number,
  { years, months, weeks, days }: Duration,
  timeZone: string,
): number {
  return Temporal.Instant.fromEpochMilliseconds(start)
    .toZonedDateTimeISO(timeZone)
    .add({ years, months, weeks, days }).epochMilliseconds;
}

/** Rounds away the noise of binary fractions before anything is rounded up: 0.29 s are 290 ms. */
function millis(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e6;
}

function nominalDays({ years, months, weeks, days, exactMs }: Duration): number {
  return (years + months / 12) * YEAR_DAYS + weeks * 7 + days + exactMs / DAY_MS;
}

function whyNoDuration(text: string): string {
  const expected = "Expected an ISO 8601 duration such as PT15M, PT1H30M, P2D or P1W";
  if (/^[+-]|[+-]\d/.test(text)) return `${expected}, without a sign; found "${text}"`;
  if (/\d[.,]\d+[A-RT-Z]/i.test(text)) {
    return `${expected}, with a fraction only in its seconds; found "${text}"`;
  }
  if (/W/.test(text) && /[YMDT]/.test(text)) return `${expected}, weeks alone; found "${text}"`;
  return `${expected}; found "${text}"`;
}
