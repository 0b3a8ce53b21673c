/** Decides what a key of `after` means, and when a timer set by it falls due. */

import type { Json } from "../json.ts";
import type { Instant } from "../order.ts";
import type { Calendar } from "./calendar.ts";
import { addDuration, MAX_YEARS, parseDuration, type Duration } from "./duration.ts";
import { epochMs, formatInstant, isWithinBounds, parseInstant } from "./instant.ts";
import { isProblem, type Problem } from "./problem.ts";
import { addWorkingTime, WORKING_UNITS } from "./working-time.ts";
import { DAY_MS } from "./zone.ts";

/** `PT15M` or `working PT2H`. */
export interface FixedDelay {
  readonly kind: "duration" | "working";
  readonly duration: Duration;
}

/** `= slot.start` or `working = data.patience`; `source` is the CEL text without its `= `. */
export interface ExpressionDelay {
  readonly kind: "expression";
  readonly source: string;
  readonly working: boolean;
}

/** What the expression of a delay gave. */
export interface EvaluatedDelay {
  readonly kind: "evaluated";
  readonly value: Json;
  readonly working: boolean;
}

export type Delay = FixedDelay | ExpressionDelay;

const WORKING = "working ";
const EXPRESSION = "= ";

/** @param key a key of `after`, as written */
export function parseDelay(key: string): Delay | Problem {
  const working = key.startsWith(WORKING);
  const text = working ? key.slice(WORKING.length) : key;
  if (text.startsWith(EXPRESSION)) {
    const source = text.slice(EXPRESSION.length).trim();
    if (source === "") return { problem: `Expected an expression after "= ", found none` };
    return { kind: "expression", source, working };
  }
  const duration = parseDuration(text);
  if (isProblem(duration)) return { problem: `${duration.problem}${DELAY_FORMS}` };
  if (!working) return { kind: "duration", duration };
  if (duration.years + duration.months + duration.weeks > 0) return { problem: WORKING_UNITS };
  return { kind: "working", duration };
}

const DELAY_FORMS = `; "working " before it counts opening hours only, "= " begins an expression`;

/**
 * When a timer that is set at `now` falls due; never before `now`. Calendar days are those of the calendar's time zone,
 * of UTC where there is none. An expression gives an ISO 8601 duration, counted like a written one, or an RFC 3339
 * instant: a past instant means `now`, and with `working` an instant outside opening hours means the next opening.
 */
export function dueAt(
  delay: FixedDelay | EvaluatedDelay,
  now: Instant,
  calendar: Calendar | null,
): Instant | Problem {
  if (delay.kind === "evaluated") return dueByValue(delay, now, calendar);
  if (delay.kind === "duration")
    return addDuration(now, delay.duration, calendar?.timeZone ?? "UTC");
  return calendar === null ? NO_CALENDAR : addWorkingTime(now, delay.duration, calendar);
}

const NO_CALENDAR: Problem = {
  problem: "Expected a working calendar for the order's centre, or one called default; found none",
};

function dueByValue(
  { value, working }: EvaluatedDelay,
  now: Instant,
  calendar: Calendar | null,
): Instant | Problem {
  const expected =
    "Expected the delay's expression to give an ISO 8601 duration or an RFC 3339 instant";
  if (typeof value !== "string") return { problem: `${expected}, found ${JSON.stringify(value)}` };
  const instant = parseInstant(value);
  if (instant !== null) {
    const at = Math.max(instant, epochMs(now));
    if (isTooFar(at, now)) {
      return { problem: `Expected an instant at most ${MAX_YEARS} years ahead, found ${value}` };
    }
    return working
      ? dueAt({ kind: "working", duration: NOTHING }, formatInstant(at), calendar)
      : formatInstant(at);
  }
  const duration = parseDuration(value);
  if (isProblem(duration)) return { problem: `${expected}, found "${value}"` };
  return dueAt({ kind: working ? "working" : "duration", duration }, now, calendar);
}

function isTooFar(at: number, now: Instant): boolean {
  // No year has fewer days, and none has more: nearly always the calendar has nothing to add.
  const from = epochMs(now);
  const isNear = at - from <= MAX_YEARS * 365 * DAY_MS;
  if (isNear && isWithinBounds(from + MAX_YEARS * 366 * DAY_MS)) return false;
  const limit = addDuration(now, LONGEST, "UTC");
  return isProblem(limit) || at > epochMs(limit);
}

const NOTHING: Duration = { years: 0, months: 0, weeks: 0, days: 0, exactMs: 0 };
const LONGEST: Duration = { ...NOTHING, years: MAX_YEARS };
