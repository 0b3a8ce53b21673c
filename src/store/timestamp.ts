/** Turns instants between epoch milliseconds and the database's text, alike on Postgres and PGlite. */

import type { EpochMs } from "./store.ts";

/** Object ids of the Postgres types whose text both drivers must read alike. */
const INT8_OID = 20;
const TIMESTAMPTZ_OID = 1184;

const FIRST_YEAR_MS = Date.UTC(1900, 0, 1);
const YEAR_10000_MS = Date.UTC(10_000, 0, 1);
const TIMESTAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d)(:\d\d)?$/;

/** Whether `timestamp` takes it. */
export function hasTimestamp(at: number): boolean {
  return Number.isSafeInteger(at) && at >= FIRST_YEAR_MS && at < YEAR_10000_MS;
}

/** RFC 3339 UTC with milliseconds. @throws {RangeError} outside the years 1900 to 9999, which RFC 3339 and Postgres share */
export function timestamp(at: EpochMs): string {
  if (!hasTimestamp(at)) {
    throw new RangeError(`expected whole epoch milliseconds between 1900 and 9999, found ${at}`);
  }
  return new Date(at).toISOString();
}

/** Epoch milliseconds, cut off rather than rounded, so that no instant is read before it is reached. */
export function parseTimestamp(text: string): EpochMs {
  const match = TIMESTAMP.exec(text);
  if (match === null) throw new RangeError(`expected a timestamptz in ISO style, found ${text}`);
  const [, date, time, fraction = ".", hours, minutes = ":00"] = match;
  const milliseconds = fraction.slice(1, 4).padEnd(3, "0");
  return Date.parse(`${date}T${time}.${milliseconds}${hours}${minutes}`);
}

/** By type id, the parsers that both drivers are given. Counts fit a double by far. */
export const parsers: Readonly<Record<number, (text: string) => number>> = {
  [INT8_OID]: Number,
  [TIMESTAMPTZ_OID]: parseTimestamp,
};
