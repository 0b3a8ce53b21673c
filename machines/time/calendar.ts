/** Compiles working calendars: which instants of a local date are open, and every mistake of the declaration as a finding. */

import type { CalendarDeclaration, Weekday } from "../document/document.ts";
import type { Finding, Severity } from "../finding.ts";
import { parseHours, type LocalHours } from "./hours.ts";
import { DAY_MS, zoneOf, type Zone } from "./zone.ts";

/** A local date as days since 1970-01-01. */
export type Day = number;

/** Epoch milliseconds; `opens` included, `closes` excluded. */
export interface Opening {
  readonly opens: number;
  readonly closes: number;
}

export interface Calendar {
  readonly centres: readonly string[];
  readonly timeZone: string;
  readonly zone: Zone;
  /** Last local date that the calendar knows; null: it knows all. */
  readonly lastDay: Day | null;
  /** Last local date with hours of its own; null when the calendar has an open weekday and so never runs out. */
  readonly lastOpenDay: Day | null;
  /** The opening intervals of a local date, in order, disjoint, none empty. */
  readonly openings: (day: Day) => readonly Opening[];
}

export interface CompiledCalendar {
  /** Null when there is an error among the findings. */
  readonly calendar: Calendar | null;
  readonly findings: readonly Finding[];
}

const WEEK = [
  "thursday",
  "friday",
  "saturday",
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
] as const satisfies readonly Weekday[];

/** 1970-01-01, day 0, was a Thursday: hence the order of `WEEK`. */
const weekdayOf = (day: Day): Weekday => WEEK[((day % 7) + 7) % 7] ?? "monday";

/** Most days whose intervals are kept at hand; beyond it they are worked out anew. */
const REMEMBERED_DAYS = 1_000;

/** @param pointer where the declaration stands in the document, as a JSON Pointer */
export function compileCalendar(
  declaration: CalendarDeclaration,
  pointer: string,
): CompiledCalendar {
  const findings: Finding[] = [];
  const report: Report = (severity, rule, at, message, help) => {
    findings.push({ rule, severity, pointer: `${pointer}${at}`, line: null, message, help });
  };
  const zone = zoneOf(declaration.timeZone);
  if (zone === null) {
    report(
      "error",
      "unknown-time-zone",
      "/timeZone",
      `Expected the IANA name of a time zone, found "${declaration.timeZone}".`,
      `Write a name such as "Asia/Shanghai" or "Europe/Berlin".`,
    );
  }
  const week = new Map<Weekday, LocalHours>();
  for (const day of WEEK) {
    const hours = declaration.hours[day];
    if (hours !== undefined) week.set(day, readHours(hours, `/hours/${day}`, report));
  }
  const lastDay = readValidTo(declaration.validTo, report);
  const special = new Map<Day, LocalHours>();
  readHolidays(declaration, lastDay, special, report);
  readMakeUpDays(declaration, lastDay, week, special, report);
  const everyWeek = [...week.values()].some((hours) => hours.length > 0);
  const openDays = [...special].filter(([, hours]) => hours.length > 0).map(([day]) => day);
  if (!everyWeek && openDays.length === 0) {
    report(
      "warning",
      "calendar-never-opens",
      "/hours",
      "Expected opening hours on at least one weekday or make-up day, found none.",
      "Give hours to a weekday; until then every working time on this calendar fails.",
    );
  }
  if (zone === null || findings.some((finding) => finding.severity === "error")) {
    return { calendar: null, findings };
  }
  const hoursOn = (day: Day) => special.get(day) ?? week.get(weekdayOf(day)) ?? [];
  const calendar: Calendar = {
    centres: declaration.centres ?? [],
    timeZone: declaration.timeZone,
    zone,
    lastDay,
    lastOpenDay: everyWeek ? null : Math.max(...openDays),
    openings: remembered((day) => openingsOf(day, hoursOn(day), zone)),
  };
  return { calendar, findings };
}

/** The calendar that a centre keeps: the one that names it, else the one called `default`, else none. */
export function calendarFor(
  calendars: ReadonlyMap<string, Calendar>,
  centre: string | null,
): Calendar | null {
  if (centre !== null) {
    for (const calendar of calendars.values()) {
      if (calendar.centres.includes(centre)) return calendar;
    }
  }
  return calendars.get("default") ?? null;
}

type Report = (severity: Severity, rule: string, at: string, message: string, help: string) => void;

function openingsOf(day: Day, hours: LocalHours, zone: Zone): readonly Opening[] {
  return hours
    .map(([from, to]) => ({
      opens: zone.instantOf(day * DAY_MS + from),
      closes: zone.instantOf(day * DAY_MS + to),
    }))
    .filter(({ opens, closes }) => opens < closes);
}

function remembered(openings: Calendar["openings"]): Calendar["openings"] {
  const memory = new Map<Day, readonly Opening[]>();
  return (day) => {
    const known = memory.get(day);
    if (known !== undefined) return known;
    if (memory.size >= REMEMBERED_DAYS) memory.clear();
    const found = openings(day);
    memory.set(day, found);
    return found;
  };
}

function readHours(texts: readonly string[], at: string, report: Report): LocalHours {
  const { hours, problems } = parseHours(texts);
  for (const { index, rule, message, help } of problems) {
    report("error", rule, `${at}/${index}`, message, help);
  }
  return hours;
}

function readValidTo(text: string | undefined, report: Report): Day | null {
  return text === undefined ? null : readDay(text, "/validTo", report);
}

function readHolidays(
  { holidays = [] }: CalendarDeclaration,
  lastDay: Day | null,
  special: Map<Day, LocalHours>,
  report: Report,
): void {
  for (const [index, text] of holidays.entries()) {
    const at = `/holidays/${index}`;
    const day = readDay(text, at, report);
    if (day === null) continue;
    if (special.has(day)) reportTwice(text, at, report);
    if (lastDay !== null && day > lastDay) reportBeyond("warning", text, at, report);
    special.set(day, []);
  }
}

function readMakeUpDays(
  { makeUpDays = [] }: CalendarDeclaration,
  lastDay: Day | null,
  week: ReadonlyMap<Weekday, LocalHours>,
  special: Map<Day, LocalHours>,
  report: Report,
): void {
  const seen = new Set<Day>();
  for (const [index, entry] of makeUpDays.entries()) {
    const at = `/makeUpDays/${index}`;
    const bare = typeof entry === "string";
    const text = bare ? entry : entry.date;
    const hours = bare ? (week.get("monday") ?? []) : readHours(entry.hours, `${at}/hours`, report);
    if (hours.length === 0) {
      report(
        "error",
        "make-up-day-without-hours",
        bare ? at : `${at}/hours`,
        bare
          ? `Expected hours for the make-up day ${text}, found none: Monday, whose hours it would take, is closed.`
          : `Expected hours for the make-up day ${text}, found none.`,
        `Write { date: "${text}", hours: ["09:00-18:00"] }.`,
      );
    }
    const day = readDay(text, bare ? at : `${at}/date`, report);
    if (day === null) continue;
    if (seen.has(day)) reportTwice(text, at, report);
    if (lastDay !== null && day > lastDay) reportBeyond("error", text, at, report);
    seen.add(day);
    special.set(day, hours);
  }
}

function readDay(text: string, at: string, report: Report): Day | null {
  const ms = /^(?:19[7-9]\d|[2-9]\d{3})-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    report(
      "error",
      "bad-date",
      at,
      `Expected a date of the years 1970 to 9999, found "${text}".`,
      "Write YYYY-MM-DD with a day that its month has.",
    );
    return null;
  }
  return ms / DAY_MS;
}

function reportTwice(text: string, at: string, report: Report): void {
  report("warning", "date-twice", at, `Found ${text} a second time.`, "Leave one of them out.");
}

function reportBeyond(severity: Severity, text: string, at: string, report: Report): void {
  report(
    severity,
    "date-beyond-calendar",
    at,
    `Found ${text}, which lies after validTo, the last date that this calendar knows.`,
    "Move validTo on, or leave the date out.",
  );
}
