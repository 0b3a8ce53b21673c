/** Compiles working calendars: which instants of a local date are open, and every mistake of a declaration as a finding. */

import type { CalendarDeclaration, Weekday } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { Finding } from "../finding.ts";
import { readDates, readDay, type Day } from "./calendar-dates.ts";
import { parseHours, type LocalHours, type Report } from "./hours.ts";
import { DAY_MS, zoneOf, type Zone } from "./zone.ts";

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
  /** Last local date with opening hours, -Infinity when there is none; null when a weekday is open, for ever. */
  readonly lastOpenDay: Day | null;
  /** The openings of a local date, in order, disjoint, none empty. */
  readonly openings: (day: Day) => readonly Opening[];
}

export interface CompiledCalendar {
  /** Null when there is an error among the findings. */
  readonly calendar: Calendar | null;
  readonly findings: readonly Finding[];
}

export type Calendars = ReadonlyMap<string, Calendar>;

/** Day 0, 1970-01-01, was a Thursday. */
const WEEK = [
  "thursday",
  "friday",
  "saturday",
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
] as const satisfies readonly Weekday[];

/** Most days whose openings are kept at hand; beyond it they are worked out anew. */
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
  const { timeZone, validTo } = declaration;
  const zone = zoneOf(timeZone);
  if (zone === null) {
    const found = `Expected the IANA name of a time zone, found "${timeZone}".`;
    const help = `Write a name such as "Asia/Shanghai" or "Europe/Berlin".`;
    report("error", "unknown-time-zone", "/timeZone", found, help);
  }
  const week = readWeek(declaration.hours, report);
  const lastDay = validTo === undefined ? null : readDay(validTo, "/validTo", report);
  const dates = readDates(declaration, lastDay, week, report);
  const lastOpenDay = week.size > 0 ? null : lastOpen(dates);
  if (zone === null || findings.some(({ severity }) => severity === "error")) {
    return { calendar: null, findings };
  }
  if (lastOpenDay === -Infinity) {
    const found = "Expected opening hours on at least one weekday or make-up day, found none.";
    const help = "Give hours to a weekday; until then every working time on this calendar fails.";
    report("warning", "calendar-never-opens", "/hours", found, help);
  }
  const hoursOn = (day: Day): LocalHours => dates.get(day) ?? week.get(weekdayOf(day)) ?? [];
  const openings = remembered((day) => openingsOf(day, hoursOn(day), zone));
  const centres = declaration.centres ?? [];
  return { calendar: { centres, timeZone, zone, lastDay, lastOpenDay, openings }, findings };
}

/** All calendars of a document by name, without those that have an error; a centre may keep one calendar only. */
export function compileCalendars(
  declarations: { readonly [name: string]: CalendarDeclaration },
  pointer: string,
): { readonly calendars: Calendars; readonly findings: readonly Finding[] } {
  const calendars = new Map<string, Calendar>();
  const findings: Finding[] = [];
  const keeps = new Map<string, string>();
  for (const [name, declaration] of Object.entries(declarations)) {
    const at = childOf(pointer, name);
    const compiled = compileCalendar(declaration, at);
    findings.push(...compiled.findings);
    if (compiled.calendar !== null) calendars.set(name, compiled.calendar);
    for (const [index, centre] of (declaration.centres ?? []).entries()) {
      const other = keeps.get(centre);
      if (other === undefined) keeps.set(centre, name);
      else findings.push(twoCalendars(centre, other, `${at}/centres/${index}`));
    }
  }
  return { calendars, findings };
}

/** The calendar that a centre keeps: the one that names it, else the one called `default`, else none. */
export function calendarFor(calendars: Calendars, centre: string | null): Calendar | null {
  if (centre !== null) {
    for (const calendar of calendars.values()) {
      if (calendar.centres.includes(centre)) return calendar;
    }
  }
  return calendars.get("default") ?? null;
}

/** The open weekdays; hours that can't be read are reported and left out. */
function readWeek(hours: CalendarDeclaration["hours"], report: Report): Map<Weekday, LocalHours> {
  const week = new Map<Weekday, LocalHours>();
  for (const day of WEEK) {
    const read = parseHours(hours[day] ?? [], `/hours/${day}`, report);
    if (read.length > 0) week.set(day, read);
  }
  return week;
}

function weekdayOf(day: Day): Weekday {
  return WEEK[((day % 7) + 7) % 7] ?? "thursday";
}

function lastOpen(dates: ReadonlyMap<Day, LocalHours>): Day {
  let last = -Infinity;
  for (const [day, hours] of dates) if (hours.length > 0) last = Math.max(last, day);
  return last;
}

/** Hours that a clock change leaves empty are no opening. */
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

function twoCalendars(centre: string, other: string, pointer: string): Finding {
  return {
    rule: "centre-in-two-calendars",
    severity: "error",
    pointer,
    line: null,
    message: `Expected one calendar for the centre "${centre}", found that "${other}" names it too.`,
    help: "Leave the centre in one of the two.",
  };
}
