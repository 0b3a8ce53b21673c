/** Reads and writes lengths of time: ISO 8601, and CEL's own `1h30m`. */

import { isProblem } from "../time/problem.ts";
import { parseDuration } from "../time/duration.ts";
import { Fault } from "./frame.ts";
import { FixedDuration } from "./value.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** CEL 1.0 "Timezones and durations": decimal numbers with units, at most hours. */
const CEL_FORM = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/;
const CEL_PART = /(\d+(?:\.\d+)?)(h|ms|m|s)/g;
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["h", HOUR_MS],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);

/**
 * A leading `-` goes back in time. A day is 24 hours and a week seven days; months and years have no length of their own.
 * @throws {Fault}
 */
export function durationFrom(text: string): FixedDuration {
  const back = text.startsWith("-");
  const length = lengthMs(back ? text.slice(1) : text);
  return new FixedDuration(back ? -length : length);
}

function lengthMs(text: string): number {
  if (CEL_FORM.test(text)) {
    const parts = [...text.matchAll(CEL_PART)];
    const total = parts.reduce(
      (ms, [, amount, unit]) => ms + Number(amount) * (UNIT_MS.get(unit ?? "") ?? 0),
      0,
    );
    if (total <= MAX_MS) return Math.round(total);
    throw new Fault(`duration("${text}") is longer than 100 years`);
  }
  const duration = parseDuration(text);
  if (isProblem(duration)) throw new Fault(duration.problem);
  if (duration.years + duration.months > 0)
    throw new Fault(`duration("${text}"): years and months have no fixed length; write days`);
  return (duration.weeks * 7 + duration.days) * DAY_MS + duration.exactMs;
}

const MAX_MS = 100 * 366 * DAY_MS;

/** ISO 8601 in hours, minutes and seconds, such as `PT26H30M` or `-PT0.5S`. */
export function formatDuration({ ms }: FixedDuration): string {
  const length = Math.abs(ms);
  const hours = Math.floor(length / HOUR_MS);
  const minutes = Math.floor((length % HOUR_MS) / 60_000);
  const seconds = (length % 60_000) / 1000;
  const text = `${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${seconds ? `${seconds}S` : ""}`;
  return `${ms < 0 ? "-" : ""}PT${text || "0S"}`;
}
