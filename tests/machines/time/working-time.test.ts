import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { CalendarDeclaration } from "../../../machines/document/document.ts";
import { parseDuration, type Duration } from "../../../machines/time/duration.ts";
import { epochMs, formatInstant } from "../../../machines/time/instant.ts";
import { isProblem, type Problem } from "../../../machines/time/problem.ts";
import { addWorkingTime, workingTimeBetween } from "../../../machines/time/working-time.ts";
import { DAY_MS } from "../../../machines/time/zone.ts";
import { BERLIN, calendarOf, NEW_YORK, SHANGHAI } from "./calendars.ts";

const [shanghai, berlin, newYork] = [SHANGHAI, BERLIN, NEW_YORK].map(calendarOf);
const calendars = { shanghai, berlin, newYork };

function must<T>(result: T | Problem): T {
  if (isProblem(result)) throw new Error(result.problem);
  return result;
}

const instant = (text: string) => formatInstant(epochMs(text));
const ofMs = (exactMs: number): Duration => ({ years: 0, months: 0, weeks: 0, days: 0, exactMs });

function calendarNamed(name: keyof typeof calendars) {
  const calendar = calendars[name];
  if (calendar === undefined) throw new Error(`no calendar ${name}`);
  return calendar;
}

type Case = readonly [
  says: string,
  calendar: keyof typeof calendars,
  at: string,
  duration: string,
  due: string,
];

describe("addWorkingTime, exact", () => {
  test.each<Case>([
    [
      "passes within an opening",
      "shanghai",
      "2026-11-23T09:30:00+08:00",
      "PT2H",
      "2026-11-23T11:30:00+08:00",
    ],
    [
      "steps over the noon break",
      "shanghai",
      "2026-11-23T11:00:00+08:00",
      "PT2H",
      "2026-11-23T14:00:00+08:00",
    ],
    [
      "may end at a closing",
      "shanghai",
      "2026-11-23T11:00:00+08:00",
      "PT1H",
      "2026-11-23T12:00:00+08:00",
    ],
    [
      "waits for the morning",
      "shanghai",
      "2026-11-23T06:00:00+08:00",
      "PT15M",
      "2026-11-23T09:15:00+08:00",
    ],
    [
      "waits over the weekend",
      "shanghai",
      "2026-11-20T17:30:00+08:00",
      "PT1H",
      "2026-11-23T09:30:00+08:00",
    ],
    [
      "begins at the next opening with nothing to add",
      "shanghai",
      "2026-11-22T10:00:00+08:00",
      "PT0S",
      "2026-11-23T09:00:00+08:00",
    ],
    [
      "stays at a closing with nothing to add",
      "shanghai",
      "2026-11-20T18:00:00+08:00",
      "PT0S",
      "2026-11-20T18:00:00+08:00",
    ],
    [
      "steps over the Spring Festival",
      "shanghai",
      "2026-02-14T17:00:00+08:00",
      "PT2H",
      "2026-02-24T10:00:00+08:00",
    ],
    [
      "works on a make-up Saturday",
      "shanghai",
      "2026-02-27T17:00:00+08:00",
      "PT2H",
      "2026-02-28T10:00:00+08:00",
    ],
    [
      "keeps a make-up day's own hours",
      "shanghai",
      "2026-10-09T17:30:00+08:00",
      "PT1H",
      "2026-10-10T10:30:00+08:00",
    ],
    [
      "counts two hours of three on the clock where one is skipped",
      "berlin",
      "2026-03-29T00:30:00+01:00",
      "PT3H",
      "2026-03-29T04:30:00+02:00",
    ],
    [
      "ends a Sunday of five hours at six",
      "berlin",
      "2026-03-29T00:00:00+01:00",
      "PT5H",
      "2026-03-29T06:00:00+02:00",
    ],
    [
      "counts the repeated hour twice",
      "berlin",
      "2026-10-25T00:00:00+02:00",
      "PT7H",
      "2026-10-25T06:00:00+01:00",
    ],
    [
      "runs a day of 23 hours",
      "newYork",
      "2027-03-15T00:00:00-04:00",
      "PT24H",
      "2027-03-16T00:00:00-04:00",
    ],
    [
      "closes at the jump where the closing time is skipped",
      "newYork",
      "2026-03-08T01:44:00-05:00",
      "PT16M",
      "2026-03-08T05:01:00-04:00",
    ],
    [
      "begins where the day before ends at midnight",
      "newYork",
      "2026-11-21T23:30:00-05:00",
      "PT1H",
      "2026-11-22T00:30:00-05:00",
    ],
  ])("%s", (_, name, at, duration, due) => {
    const result = addWorkingTime(instant(at), must(parseDuration(duration)), calendarNamed(name));
    expect(result).toBe(instant(due));
  });
});
