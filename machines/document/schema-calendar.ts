/** The zod schema of a working calendar: when a centre is open. */

import { z } from "zod";
import { name, word } from "./schema-parts.ts";

const span = word(
  /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/u,
  "opening hours `HH:MM-HH:MM`",
  'Quote them: "08:30-12:00"; `24:00` ends a day.',
);

const date = word(
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u,
  "a date `YYYY-MM-DD`",
  "Write a local date, such as 2026-10-01.",
);

const spans = z.array(span);

const makeUpDay = z.strictObject({
  date: date.describe("The local date that is open."),
  hours: spans.describe("Its opening hours."),
});

const hours = z.strictObject({
  monday: spans.describe("Opening hours on Mondays.").exactOptional(),
  tuesday: spans.describe("Opening hours on Tuesdays.").exactOptional(),
  wednesday: spans.describe("Opening hours on Wednesdays.").exactOptional(),
  thursday: spans.describe("Opening hours on Thursdays.").exactOptional(),
  friday: spans.describe("Opening hours on Fridays.").exactOptional(),
  saturday: spans.describe("Opening hours on Saturdays.").exactOptional(),
  sunday: spans.describe("Opening hours on Sundays.").exactOptional(),
});

export const calendar = z
  .strictObject({
    centres: z.array(name).describe("Centres that keep this calendar.").exactOptional(),
    timeZone: name.describe("IANA time zone, such as Asia/Shanghai."),
    hours: hours.describe("Local opening hours by weekday; an absent weekday is closed."),
    holidays: z.array(date).describe("Closed local dates.").exactOptional(),
    makeUpDays: z
      .array(z.union([date, makeUpDay]))
      .describe("Local dates that are open although their weekday or a holiday says closed.")
      .exactOptional(),
    validTo: date
      .describe("Last local date that the calendar knows; working time beyond it is refused.")
      .exactOptional(),
  })
  .meta({ id: "Calendar" });
