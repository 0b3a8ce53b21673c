/** Functions of instants and durations. Parts of an instant are those of UTC. */

import { formatInstant } from "../time/instant.ts";
import { textAt } from "./arguments.ts";
import * as cel from "./cel-type.ts";
import { durationFrom } from "./duration-text.ts";
import { Fault } from "./frame.ts";
import type { CelFunction } from "./functions.ts";
import { FixedDuration, instantMs } from "./value.ts";

export const TIME_FUNCTIONS: readonly CelFunction[] = [
  {
    name: "timestamp",
    style: ["call"],
    takes: [["string", "timestamp"]],
    gives: cel.TIMESTAMP,
    judge: ([text]) => faultOf(text, (given) => instantMs(given)),
    apply: (args) => formatInstant(instantMs(textAt(args, 0))),
  },
  {
    name: "duration",
    style: ["call"],
    takes: [["string", "duration"]],
    gives: cel.DURATION,
    judge: ([text]) => faultOf(text, (given) => durationFrom(given)),
    apply: ([value = null]) =>
      value instanceof FixedDuration ? value : durationFrom(textAt([value], 0)),
  },
  part("getFullYear", (at) => at.getUTCFullYear()),
  part("getMonth", (at) => at.getUTCMonth()),
  part("getDate", (at) => at.getUTCDate()),
  part("getDayOfMonth", (at) => at.getUTCDate() - 1),
  part("getDayOfWeek", (at) => at.getUTCDay()),
  part("getDayOfYear", (at) => (startOfDay(at) - Date.UTC(at.getUTCFullYear(), 0)) / DAY_MS),
  part("getHours", (at) => at.getUTCHours(), 3_600_000),
  part("getMinutes", (at) => at.getUTCMinutes(), 60_000),
  part("getSeconds", (at) => at.getUTCSeconds(), 1000),
  part("getMilliseconds", (at) => at.getUTCMilliseconds(), 1),
];

const DAY_MS = 86_400_000;

/** @param unitMs of a duration, how many whole units it has in all; absent: an instant only */
function part(name: string, of: (at: Date) => number, unitMs?: number): CelFunction {
  return {
    name,
    style: ["method"],
    takes: [unitMs === undefined ? ["timestamp"] : ["timestamp", "duration"]],
    gives: cel.DOUBLE,
    apply: ([value = null]) => {
      if (value instanceof FixedDuration && unitMs !== undefined)
        return Math.trunc(value.ms / unitMs);
      return of(new Date(instantMs(value)));
    },
  };
}

function startOfDay(at: Date): number {
  return at.getTime() - (at.getTime() % DAY_MS);
}

function faultOf(text: string | undefined, read: (text: string) => unknown): string | null {
  if (text === undefined) return null;
  try {
    read(text);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
