/** Prints a story as it happens: on the left what moves the order, on the right what the customer reads on the phone. */

import type { z } from "@hono/zod-openapi";
import type { Executable } from "../../../machines/compile/executable.ts";
import { isJsonObject } from "../../../machines/json.ts";
import type { Json, JsonObject } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import { renderMessage } from "../../../machines/step/messages.ts";
import { paint } from "../../design/paint.ts";
import type { historyEntry } from "../../http/schemas/history.ts";
import type { Terminal } from "../terminal.ts";
import { eventTitle, newStates } from "./titles.ts";
import { padded, wrapped } from "./width.ts";
import { DEMO_WORDS } from "./words.ts";
import type { CliLanguage } from "../words.ts";

export type Entry = z.infer<typeof historyEntry>;

export interface Narrator {
  readonly entry: (entry: Entry) => void;
  readonly note: (text: string) => void;
}

/** Columns of a message, inside its frame. */
const PHONE_COLUMNS = 46;
const CLOCK_COLUMNS = 7;
const TEXT_COLUMNS = 64;

export function createNarrator(
  terminal: Terminal,
  language: CliLanguage,
  executable: Executable,
): Narrator {
  const { write } = terminal;
  const { faint, strong, good } = paint(terminal.colour);
  const words = DEMO_WORDS[language];
  const times = timesIn(zoneOf(executable), language);
  const indent = " ".repeat(CLOCK_COLUMNS);
  let day = "";

  const phone = (clock: string, text: string): void => {
    const rule = "─".repeat(PHONE_COLUMNS - 3);
    write(`${indent}   ${faint(`╭─ ${words.phone} ${rule}╮`)}\n`);
    for (const line of wrapped(text, PHONE_COLUMNS)) {
      write(`${indent}   ${faint("│")} ${good(padded(line, PHONE_COLUMNS))} ${faint("│")}\n`);
    }
    write(`${indent}   ${faint(`╰─${"─".repeat(PHONE_COLUMNS - 6)} ${clock} ╯`)}\n`);
  };

  return {
    entry: (entry) => {
      const today = times.day(entry.at);
      if (today !== day) write(`\n${strong(today)}\n`);
      day = today;
      const clock = times.clock(entry.at);
      const states = newStates(executable.document, entry.before, entry.after, language);
      const arrow = states.length === 0 ? "" : ` → ${strong(states.join(", "))}`;
      const [first = "", ...more] = wrapped(
        `${doing(entry, executable, language)}${arrow}`,
        TEXT_COLUMNS,
      );
      write(`${faint(clock)}  ${first}\n`);
      for (const line of more) write(`${indent}  ${line}\n`);
      for (const { type, params, ...rest } of entry.effects) {
        const values = isJsonObject(rest["values"]) ? rest["values"] : {};
        const shown = { params, values: localised(values, times) };
        const text = type === "notify" ? renderMessage(executable, shown, language) : null;
        if (text !== null) phone(clock, text);
      }
    },
    note: (text) => write(`${faint(`${indent}· ${text}`)}\n`),
  };
}

function doing(entry: Entry, executable: Executable, language: CliLanguage): string {
  const { type, actor } = entry;
  const words = DEMO_WORDS[language];
  if (type === "timer.fired") return words.timer;
  if (type === "order.started") return `${words.started} (${actor.sub})`;
  if (type.startsWith("job.")) return words.job;
  return `${eventTitle(executable.document, type, language)} (${actor.sub}, ${actor.role})`;
}

interface Times {
  readonly day: (at: Instant) => string;
  /** Five columns. */
  readonly clock: (at: Instant) => string;
  readonly moment: (at: Instant) => string;
}

function timesIn(timeZone: string, language: CliLanguage): Times {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone, hourCycle: "h23" });
    return (at: Instant): string => formatter.format(new Date(at));
  };
  return {
    day: format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    clock: format({ hour: "2-digit", minute: "2-digit" }),
    moment: format({
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
    }),
  };
}

function zoneOf({ document }: Executable): string {
  return document.calendars?.["default"]?.timeZone ?? "UTC";
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A customer reads the time of the place, not the server's. */
function localised(values: JsonObject, times: Times): JsonObject {
  const local = (value: Json): Json =>
    typeof value === "string" && INSTANT.test(value) ? times.moment(value) : value;
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, local(value)]));
}
