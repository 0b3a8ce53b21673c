/** Calendars that the tests of time share: Chinese holidays and make-up days of 2026, and zones whose clocks change. */

import type { CalendarDeclaration } from "../../../machines/document/document.ts";
import { compileCalendar, type Calendar } from "../../../machines/time/calendar.ts";

export function calendarOf(declaration: CalendarDeclaration): Calendar {
  const { calendar, findings } = compileCalendar(declaration, "/calendars/test");
  if (calendar === null) throw new Error(JSON.stringify(findings));
  return calendar;
}

const fiveDays = (hours: readonly string[]): CalendarDeclaration["hours"] => ({
  monday: hours,
  tuesday: hours,
  wednesday: hours,
  thursday: hours,
  friday: hours,
});

/** State Council notice on the holidays of 2026: days off, and weekends that are worked instead. */
export const SHANGHAI: CalendarDeclaration = {
  centres: ["sh-01", "sh-02"],
  timeZone: "Asia/Shanghai",
  hours: fiveDays(["09:00-12:00", "13:00-18:00"]),
  holidays: [
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-02-15",
    "2026-02-16",
    "2026-02-17",
    "2026-02-18",
    "2026-02-19",
    "2026-02-20",
    "2026-02-21",
    "2026-02-22",
    "2026-02-23",
    "2026-04-04",
    "2026-04-05",
    "2026-04-06",
    "2026-05-01",
    "2026-05-02",
    "2026-05-03",
    "2026-05-04",
    "2026-05-05",
    "2026-06-19",
    "2026-06-20",
    "2026-06-21",
    "2026-09-25",
    "2026-09-26",
    "2026-09-27",
    "2026-10-01",
    "2026-10-02",
    "2026-10-03",
    "2026-10-04",
    "2026-10-05",
    "2026-10-06",
    "2026-10-07",
  ],
  makeUpDays: [
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    { date: "2026-10-10", hours: ["10:00-16:00"] },
  ],
  validTo: "2026-12-31",
};

/** Open through the hours in which clocks change, Sundays too. */
export const BERLIN: CalendarDeclaration = {
  timeZone: "Europe/Berlin",
  hours: { ...fiveDays(["08:00-12:00", "12:30-17:00"]), sunday: ["00:00-06:00", "22:00-24:00"] },
  holidays: ["2026-12-25"],
};

export const NEW_YORK: CalendarDeclaration = {
  timeZone: "America/New_York",
  hours: {
    monday: ["00:00-24:00"],
    saturday: ["01:30-02:30", "20:00-24:00"],
    sunday: ["00:00-01:30", "01:45-02:30", "05:00-09:00"],
  },
};
