/** Functions of texts. Positions and sizes count code points, so that no character is ever cut in half. */

import { MAX_MATCHED_CHARACTERS, matcherOf } from "../schema/linear-pattern.ts";
import { listAt, numberAt, textAt } from "./arguments.ts";
import * as cel from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { Fault, OverBudget, spend, spendText } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type { CelFunction } from "./functions.ts";
import type { Value } from "./value.ts";

type Apply = CelFunction["apply"];

export const TEXT_FUNCTIONS: readonly CelFunction[] = [
  method("contains", 1, cel.BOOL, (args) => textAt(args, 0).includes(textAt(args, 1))),
  method("startsWith", 1, cel.BOOL, (args) => textAt(args, 0).startsWith(textAt(args, 1))),
  method("endsWith", 1, cel.BOOL, (args) => textAt(args, 0).endsWith(textAt(args, 1))),
  method("lowerAscii", 0, cel.STRING, (args) =>
    textAt(args, 0).replace(/[A-Z]/g, (char) => char.toLowerCase()),
  ),
  method("upperAscii", 0, cel.STRING, (args) =>
    textAt(args, 0).replace(/[a-z]/g, (char) => char.toUpperCase()),
  ),
  method("trim", 0, cel.STRING, (args) => textAt(args, 0).trim()),
  method("indexOf", 1, cel.DOUBLE, (args) => position(args, (text, part) => text.indexOf(part))),
  method("lastIndexOf", 1, cel.DOUBLE, (args) =>
    position(args, (text, part) => text.lastIndexOf(part)),
  ),
  method("replace", 2, cel.STRING, replaced),
  method("split", 1, cel.listOf(cel.STRING), split),
  {
    name: "substring",
    style: ["method"],
    takes: [["string"], ["double"]],
    gives: cel.STRING,
    apply: (args) => substring(textAt(args, 0), numberAt(args, 1), Infinity),
  },
  {
    name: "substring",
    style: ["method"],
    takes: [["string"], ["double"], ["double"]],
    gives: cel.STRING,
    apply: (args) => substring(textAt(args, 0), numberAt(args, 1), numberAt(args, 2)),
  },
  {
    ...method("matches", 1, cel.BOOL, matches),
    judge: ([, pattern]) => (pattern === undefined ? null : patternFault(pattern)),
  },
  {
    name: "join",
    style: ["call", "method"],
    takes: [["list"], ["string"]],
    gives: cel.STRING,
    apply: (args, frame) => joined(listAt(args, 0), textAt(args, 1), frame),
  },
  {
    name: "join",
    style: ["call", "method"],
    takes: [["list"]],
    gives: cel.STRING,
    apply: (args, frame) => joined(listAt(args, 0), "", frame),
  },
];

function method(name: string, texts: number, gives: CelType, apply: Apply): CelFunction {
  const takes = Array.from({ length: texts + 1 }, () => ["string"] as const);
  const metered: Apply = (args, frame) => {
    spendText(frame, textAt(args, 0).length);
    return apply(args, frame);
  };
  return { name, style: ["method"], takes, gives, apply: metered };
}

function position(args: readonly Value[], find: (text: string, part: string) => number): number {
  const text = textAt(args, 0);
  const at = find(text, textAt(args, 1));
  return at < 0 ? -1 : codePoints(text.slice(0, at)).length;
}

function substring(text: string, from: number, to: number): string {
  const chars = codePoints(text);
  const end = to === Infinity ? chars.length : to;
  const ordered = from >= 0 && from <= end && end <= chars.length;
  if (ordered && Number.isInteger(from) && Number.isInteger(end))
    return chars.slice(from, end).join("");
  throw new Fault(`substring(${from}, ${end}) is not within the ${chars.length} characters`);
}

function replaced(args: readonly Value[], frame: Frame): string {
  const parts = separated(textAt(args, 0), textAt(args, 1));
  return joined(parts, textAt(args, 2), frame);
}

function split(args: readonly Value[], frame: Frame): readonly string[] {
  const parts = separated(textAt(args, 0), textAt(args, 1));
  spend(frame, parts.length);
  return parts;
}

function codePoints(text: string): readonly string[] {
  return Array.from(text);
}

/** An empty separator parts every character from the next. */
function separated(text: string, separator: string): readonly string[] {
  return separator === "" ? codePoints(text) : text.split(separator);
}

function joined(list: readonly Value[], separator: string, frame: Frame): string {
  spend(frame, list.length);
  const texts = list.map((item) => {
    if (typeof item === "string") return item;
    throw new Fault("join() takes a list of texts; string(...) makes one");
  });
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  spendText(frame, length + separator.length * Math.max(0, texts.length - 1));
  return texts.join(separator);
}

/** Of one character through one instruction, measured against a node in a loop. */
const STEPS_PER_INSTRUCTION = 1 / 20;

function matches(args: readonly Value[], frame: Frame): boolean {
  const [text, pattern] = [textAt(args, 0), textAt(args, 1)];
  if (text.length > MAX_MATCHED_CHARACTERS)
    throw new OverBudget(`matches() takes a text of at most ${MAX_MATCHED_CHARACTERS} characters`);
  const fault = patternFault(pattern);
  if (fault !== null) throw new Fault(fault);
  const matcher = matcherOf(pattern);
  spend(frame, text.length * (1 + matcher.size * STEPS_PER_INSTRUCTION));
  return matcher.test(text);
}

function patternFault(pattern: string): string | null {
  try {
    matcherOf(pattern);
    return null;
  } catch (error) {
    return `expected a pattern in RE2 syntax: ${error instanceof Error ? error.message : pattern}`;
  }
}
