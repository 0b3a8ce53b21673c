/** Functions of lists. */

import { durationIn, listAt } from "./arguments.ts";
import * as cel from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { Fault, spend } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type { CelFunction, Takes } from "./functions.ts";
import { FixedDuration, compare, equal } from "./value.ts";
import type { Value } from "./value.ts";

const ORDERED: Takes = ["double", "string", "timestamp", "duration"];

export const LIST_FUNCTIONS: readonly CelFunction[] = [
  {
    name: "sum",
    style: ["call", "method"],
    takes: [["list"]],
    gives: ([list]) => (elementOf(list).kind === "duration" ? cel.DURATION : cel.DOUBLE),
    apply: (args, frame) => sum(listAt(args, 0), frame),
  },
  {
    name: "unique",
    style: ["call", "method"],
    takes: [["list"]],
    gives: ([list = cel.DYN]) => list,
    apply: (args, frame) => unique(listAt(args, 0), frame),
  },
  ...(["min", "max"] as const).flatMap((name): CelFunction[] => [
    {
      name,
      style: ["call", "method"],
      takes: [["list"]],
      gives: ([list]) => elementOf(list),
      apply: (args, frame) => extreme(name, listAt(args, 0), frame),
    },
    {
      name,
      style: ["call"],
      takes: [ORDERED, ORDERED],
      gives: ([a = cel.DYN, b = cel.DYN]) => cel.join(a, b),
      apply: (args, frame) => extreme(name, args, frame),
    },
  ]),
];

function elementOf(list: CelType | undefined): CelType {
  return list?.kind === "list" ? list.of : cel.DYN;
}

/** Of nothing, 0. */
function sum(list: readonly Value[], frame: Frame): Value {
  spend(frame, list.length);
  if (list[0] instanceof FixedDuration)
    return new FixedDuration(list.reduce((ms: number, item) => ms + durationIn(item).ms, 0));
  const total = list.reduce((sofar: number, item) => {
    if (typeof item === "number") return sofar + item;
    throw new Fault("sum() takes a list of numbers or of durations");
  }, 0);
  if (Number.isFinite(total)) return total;
  throw new Fault("a number grows beyond what JSON can hold");
}

/** The first of equal ones stays. */
function unique(list: readonly Value[], frame: Frame): readonly Value[] {
  const seen = new Set<Value>();
  const kept: Value[] = [];
  for (const item of list) {
    spend(frame, 1);
    if (typeof item === "object" && item !== null) {
      spend(frame, kept.length);
      if (kept.some((other) => equal(item, other, frame))) continue;
    } else if (seen.has(item)) continue;
    else seen.add(item);
    kept.push(item);
  }
  return kept;
}

function extreme(name: "min" | "max", values: readonly Value[], frame: Frame): Value {
  spend(frame, values.length);
  const [first, ...others] = values;
  if (first === undefined) throw new Fault(`${name}() of an empty list has no answer`);
  const sign = name === "min" ? 1 : -1;
  return others.reduce((best, value) => (sign * compare(value, best) < 0 ? value : best), first);
}
