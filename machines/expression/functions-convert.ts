/** Conversions between the kinds of values, and money as people read it. */

import { listAt, objectAt, textAt } from "./arguments.ts";
import * as cel from "./cel-type.ts";
import { formatDuration } from "./duration-text.ts";
import { Fault, spendText } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type { CelFunction } from "./functions.ts";
import { moneyText } from "./money.ts";
import { FixedDuration, isList, isObject, quoted } from "./value.ts";
import type { Value } from "./value.ts";

export const CONVERSIONS: readonly CelFunction[] = [
  {
    name: "string",
    style: ["call"],
    takes: [["string", "double", "bool", "timestamp", "duration"]],
    gives: cel.STRING,
    apply: ([value = null]) => {
      if (value instanceof FixedDuration) return formatDuration(value);
      return typeof value === "string" ? value : JSON.stringify(value);
    },
  },
  {
    name: "double",
    style: ["call"],
    takes: [["double", "string"]],
    gives: cel.DOUBLE,
    apply: ([value = null]) => numberFrom(value),
  },
  {
    name: "int",
    style: ["call"],
    takes: [["double", "string"]],
    gives: cel.DOUBLE,
    apply: ([value = null]) => Math.trunc(numberFrom(value)),
  },
  {
    name: "bool",
    style: ["call"],
    takes: [["bool", "string"]],
    gives: cel.BOOL,
    apply: ([value = null]) => {
      if (value === true || value === "true") return true;
      if (value === false || value === "false") return false;
      throw new Fault(`bool() takes "true" or "false", found ${quoted(value)}`);
    },
  },
  {
    name: "dyn",
    style: ["call"],
    takes: [["any"]],
    gives: cel.DYN,
    apply: ([value = null]) => value,
  },
  {
    name: "size",
    style: ["call", "method"],
    takes: [["string", "list", "object"]],
    gives: cel.DOUBLE,
    apply: (args, frame) => sizeOf(args, frame),
  },
  {
    name: "money",
    style: ["call"],
    takes: [["object"]],
    gives: cel.STRING,
    apply: (args) => moneyText(objectAt(args, 0)),
  },
];

/** JSON's grammar for numbers; CEL's `inf`, `nan` and hexadecimal are no JSON. */
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function numberFrom(value: Value): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new Fault(`expected a number, found ${quoted(value)}`);
}

/** Of a text, its code points. */
function sizeOf(args: readonly Value[], frame: Frame): number {
  const [value = null] = args;
  if (isList(value)) return listAt(args, 0).length;
  if (isObject(value)) return Object.keys(value).length;
  const text = textAt(args, 0);
  spendText(frame, text.length);
  let size = 0;
  for (const _ of text) size++;
  return size;
}
