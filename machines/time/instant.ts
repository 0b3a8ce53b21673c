/** Reads and writes instants: RFC 3339 outside, epoch milliseconds inside, the years 1970 to 9999 only. */

import type { Instant } from "../order.ts";

/** `1970-01-01T00:00:00.000Z`, in epoch milliseconds. */
export const EARLIEST_MS = 0;
/** `9999-12-31T23:59:59.999Z`, in epoch milliseconds: the last instant that RFC 3339 can write. */
export const LATEST_MS = 253_402_300_799_999;

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/i;

const MINUTE_MS = 60_000;

/** As `formatInstant` writes them, and nearly everybody else. */
const WRITTEN = "0000-00-00T00:00:00.000Z";

/**
 * Epoch milliseconds of an RFC 3339 date-time (section 5.6) with any offset; null when it is none, or is out of bounds.
 * Digits finer than a millisecond are cut off. Leap seconds are refused, because epoch milliseconds have no place for them.
 */
export function parseInstant(text: string): number | null {
  if (text.length === WRITTEN.length) {
    const ms = readWritten(text);
    if (ms !== null) return ms;
  }
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const fraction = Number((match[7] ?? "").slice(0, 3).padEnd(3, "0"));
  // To `Date.UTC` the years before 100 are those of the twentieth century.
  if ((year ?? 0) < 100 || !isDate(year ?? 0, month ?? 0, day ?? 0)) return null;
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return null;
  const offset = offsetMs(match[8], Number(match[9] ?? 0), Number(match[10] ?? 0));
  if (offset === null) return null;
  const local = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, fraction);
  const ms = local - offset;
  return isWithinBounds(ms) ? ms : null;
}

/** @throws {RangeError} when `ms` is no whole number of milliseconds within the bounds: a caller's defect. */
export function formatInstant(ms: number): Instant {
  if (!Number.isInteger(ms) || !isWithinBounds(ms)) {
    throw new RangeError(`Expected epoch milliseconds of the years 1970 to 9999, found ${ms}`);
  }
  if (ms === formatted.ms) return formatted.text;
  const next = ms === before.ms ? before : { ms, text: new Date(ms).toISOString() };
  before = formatted;
  formatted = next;
  return next.text;
}

/**
 * Of the many orders that are decided on together all have one instant, and each asks for it several times, in turn with
 * the instant of its last entry.
 */
let formatted = { ms: EARLIEST_MS, text: "1970-01-01T00:00:00.000Z" };
let before = formatted;
let read = formatted;

export function isWithinBounds(ms: number): boolean {
  return ms >= EARLIEST_MS && ms <= LATEST_MS;
}

/** Epoch milliseconds of an instant that is known to be one. @throws {RangeError} when it is not: a caller's defect. */
export function epochMs(instant: Instant): number {
  if (instant === formatted.text) return formatted.ms;
  if (instant === before.text) return before.ms;
  if (instant === read.text) return read.ms;
  const ms = parseInstant(instant);
  if (ms === null) throw new RangeError(`Expected an RFC 3339 instant, found "${instant}"`);
  read = { ms, text: instant };
  return ms;
}

/** A glance at such an instant, digit by digit; null when it has to be looked at more closely. */
function readWritten(text: string): number | null {
  for (let at = 0; at < WRITTEN.length; at++) {
    const code = text.charCodeAt(at);
    const wanted = WRITTEN.charCodeAt(at);
    if (wanted === ZERO ? code < ZERO || code > ZERO + 9 : code !== wanted) return null;
  }
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  // The last days of a month differ.
  if (month < 1 || month > 12 || day < 1 || day > 28 || year < 1970) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second, digits(text, 20, 23));
}

const ZERO = 48;

function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - ZERO;
  return number;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function offsetMs(sign: string | undefined, hours: number, minutes: number): number | null {
  if (hours > 23 || minutes > 59) return null;
  return (sign === "-" ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}
