/** Reads the dates of a working calendar: holidays, make-up days and the last date, every mistake as a finding. */

import type { CalendarDeclaration, Weekday } from "../document/document.ts";
import type { Severity } from "../finding.ts";
import { parseHours, type LocalHours, type Report } from "./hours.ts";
import { DAY_MS } from "./zone.ts";

/** A local date as days since 1970-01-01. */
export type Day = number;

type MakeUpDay = NonNullable<CalendarDeclaration["makeUpDays"]>[number];

/** Hours of the dates that differ from their weekday: none on holidays; a make-up day wins over a holiday. */
export function readDates(
  { holidays = [], makeUpDays = [], hours: { monday = [] } }: CalendarDeclaration,
  lastDay: Day | null,
  week: ReadonlyMap<Weekday, LocalHours>,
  report: Report,
): ReadonlyMap<Day, LocalHours> {
  const closed = new Map<Day, LocalHours>();
  for (const [index, text] of holidays.entries()) {
    const at = `/holidays/${index}`;
    const day = readDay(text, at, report);
    if (day === null) continue;
    if (closed.has(day)) reportTwice(text, at, report);
    if (lastDay !== null && day > lastDay) reportBeyond("warning", text, at, report);
    closed.set(day, []);
  }
  const open = new Map<Day, LocalHours>();
  for (const [index, entry] of makeUpDays.entries()) {
    const at = `/makeUpDays/${index}`;
    reportIfClosed(entry, at, monday, report);
    const hours =
      typeof entry === "string"
        ? (week.get("monday") ?? [])
        : parseHours(entry.hours, `${at}/hours`, report);
    const [text, dateAt] = typeof entry === "string" ? [entry, at] : [entry.date, `${at}/date`];
    const day = readDay(text, dateAt, report);
    if (day === null) continue;
    if (open.has(day)) reportTwice(text, at, report);
    if (lastDay !== null && day > lastDay) reportBeyond("error", text, at, report);
    open.set(day, hours);
  }
  return new Map([...closed, ...open]);
}

/** The local date that a text of the form `YYYY-MM-DD` names; null, and reported, when there is no such date. */
export function readDay(text: string, at: string, report: Report): Day | null {
  const ms = /^(?:19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)) return ms / DAY_MS;
  const found = `Expected a date from 1970-01-01 to 9999-12-31, found "${text}".`;
  report("error", "bad-date", at, found, "Write YYYY-MM-DD, with a day that the month has.");
  return null;
}

function reportIfClosed(
  entry: MakeUpDay,
  at: string,
  monday: readonly string[],
  report: Report,
): void {
  if (typeof entry === "string" && monday.length === 0) {
    const found = `Expected Monday's hours for the make-up day ${entry}, found Monday closed.`;
    const help = `Write { date: "${entry}", hours: ["09:00-18:00"] }.`;
    report("error", "make-up-day-without-hours", at, found, help);
  }
  if (typeof entry !== "string" && entry.hours.length === 0) {
    const found = `Expected hours for the make-up day ${entry.date}, found none.`;
    const help = `Give it hours such as ["09:00-18:00"], or leave the date out.`;
    report("error", "make-up-day-without-hours", `${at}/hours`, found, help);
  }
}

function reportTwice(text: string, at: string, report: Report): void {
  report("warning", "date-twice", at, `Found ${text} a second time.`, "Leave one of them out.");
}

function reportBeyond(severity: Severity, text: string, at: string, report: Report): void {
  const found = `Found ${text}, which lies after validTo, the last date that the calendar knows.`;
  report(severity, "date-beyond-calendar", at, found, "Move validTo on, or leave the date out.");
}
