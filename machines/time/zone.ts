/** Turns local times of one IANA time zone into instants and back, by arithmetic on remembered spans of constant offset. */

import { Temporal } from "temporal-polyfill";

export const DAY_MS = 86_400_000;

/** A local time without its zone, as if it were UTC: days and milliseconds since 1970-01-01T00:00 on the wall clock. */
export type LocalMs = number;

export interface Zone {
  readonly name: string;
  /** What the wall clock shows at an instant. */
  readonly localOf: (ms: number) => LocalMs;
  /**
   * The first instant at which the wall clock shows `local` or later: a skipped local time is the instant of the jump,
   * a repeated one its first occurrence. Never decreases as `local` grows, so that disjoint local hours stay disjoint.
   */
  readonly instantOf: (local: LocalMs) => number;
  /** The clock is not changed between an instant and this one, which is after it: days are 24 hours long till then. */
  readonly steadyUntil: (ms: number) => number;
}

/** `from` included, `until` excluded: epoch milliseconds. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly offsetMs: number;
}

const zones = new Map<string, Zone>();

/** The zone of an IANA name; null when there is none of this name. Offsets such as `+08:00` are no names. */
export function zoneOf(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (!/^[A-Za-z]/.test(name) || !isTimeZone(name)) return null;
  const zone = createZone(name);
  zones.set(name, zone);
  return zone;
}

function createZone(name: string): Zone {
  const spans: Span[] = [];
  let last = findSpan(name, 0);
  const spanAt = (ms: number): Span => {
    if (last.from <= ms && ms < last.until) return last;
    const known = spans.find((span) => span.from <= ms && ms < span.until);
    last = known ?? findSpan(name, ms);
    if (known === undefined) spans.push(last);
    return last;
  };
  return {
    name,
    steadyUntil: (ms) => spanAt(ms).until,
    localOf: (ms) => ms + spanAt(ms).offsetMs,
    instantOf: (local) => {
      // No offset reaches a day, so the answer lies in this span or in one after it.
      let span = spanAt(local - DAY_MS);
      while (local - span.offsetMs >= span.until) span = spanAt(span.until);
      return Math.max(local - span.offsetMs, span.from);
    },
  };
}

function findSpan(name: string, ms: number): Span {
  const here = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);
  // A transition "previous" to an instant lies strictly before it, and one at `ms` itself begins this span.
  const from = here.add({ milliseconds: 1 }).getTimeZoneTransition("previous");
  const until = here.getTimeZoneTransition("next");
  return {
    from: from?.epochMilliseconds ?? -Infinity,
    until: until?.epochMilliseconds ?? Infinity,
    offsetMs: here.offsetNanoseconds / 1e6,
  };
}

function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
