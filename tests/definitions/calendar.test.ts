/** The shop's calendar agrees with the State Council's notice for 2026, in the terms in which the process uses it. */

import { describe, expect, test } from "vitest";

import { parseDuration } from "../../machines/time/duration.ts";
import { isProblem } from "../../machines/time/problem.ts";
import { addWorkingTime } from "../../machines/time/working-time.ts";
import { readDefinition } from "./read-definitions.ts";

const calendar = readDefinition("service-visit", "1.0.0").executable?.calendars.get("default");

function after(start: string, text: string): string {
  const duration = parseDuration(text);
  if (calendar === undefined || isProblem(duration))
    throw new Error("No calendar, or no duration.");
  const end = addWorkingTime(new Date(start).toISOString(), duration, calendar);
  return isProblem(end) ? end.problem : end;
}

describe("the default calendar of service-visit", () => {
  test.each([
    ["counts a Saturday as worked", "2026-11-27T10:00+08:00", "P1D", "2026-11-28T10:00+08:00"],
    ["leaves Sunday out", "2026-11-28T10:00+08:00", "P1D", "2026-11-30T10:00+08:00"],
    [
      "closes for the seven days of October",
      "2026-09-30T10:00+08:00",
      "P1D",
      "2026-10-08T10:00+08:00",
    ],
    [
      "works the Sunday before in exchange",
      "2026-09-19T10:00+08:00",
      "P1D",
      "2026-09-20T10:00+08:00",
    ],
    ["closes for Spring Festival", "2026-02-14T10:00+08:00", "P1D", "2026-02-24T10:00+08:00"],
    ["goes from evening to morning", "2026-11-24T17:00+08:00", "PT2H", "2026-11-25T09:30+08:00"],
    ["knows New Year's Day of 2027", "2026-12-31T10:00+08:00", "P1D", "2027-01-02T10:00+08:00"],
  ])("%s", (_, start, duration, end) => {
    expect(after(start, duration)).toBe(new Date(end).toISOString());
  });

  test("refuses to guess beyond 2027", () => {
    expect(after("2027-12-31T10:00+08:00", "P1D")).toContain("2027-12-31");
  });
});
