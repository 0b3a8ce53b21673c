/** Reads JSON (RFC 8259, strictly) into values that know their lines; nesting is bounded before anything is built. */

import { MAX_DEPTH, MAX_LEXEMES, tooDeep, tooManyParts } from "./bounds.ts";
import type { LineAt } from "./line-index.ts";
import type { Flaw, Located, Member, Reading } from "./located.ts";

/** The place where reading stops. */
class Stop extends Error {
  readonly offset: number;
  readonly flaw: Flaw;
  constructor(offset: number, flaw: Flaw) {
    super(flaw.message);
    this.offset = offset;
    this.flaw = flaw;
  }
}

/** Reads `text`; the first thing that is not JSON ends the reading with one remark. */
export function readJson(text: string, lineAt: LineAt): Reading {
  try {
    return { root: parsed(text, lineAt), remarks: [] };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const line = lineAt(error.offset);
    return { root: null, remarks: [{ ...error.flaw, path: [], line }] };
  }
}

/** RFC 8259 section 2: blanks. The byte order mark of section 8.1 is ignored at the start. */
const BLANKS = /[ \t\r\n]*/y;
/** Section 7; the characters of an escape are left to `JSON.parse`. */
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
/** Section 6, and the three literals of section 3. */
const LITERAL = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Where the reading is. */
interface Cursor {
  readonly text: string;
  readonly lineAt: LineAt;
  at: number;
  parts: number;
}

function parsed(text: string, lineAt: LineAt): Located {
  const cursor: Cursor = { text, lineAt, at: text.startsWith("\ufeff") ? 1 : 0, parts: 0 };
  const root = value(cursor, 0);
  skip(cursor);
  if (cursor.at < text.length) throw refusal(cursor, "the end of the document");
  return root;
}

function value(cursor: Cursor, depth: number): Located {
  skip(cursor);
  count(cursor);
  const line = cursor.lineAt(cursor.at);
  const mark = cursor.text[cursor.at];
  if (depth >= MAX_DEPTH && (mark === "{" || mark === "[")) throw new Stop(cursor.at, tooDeep);
  if (mark === "{") {
    const members: Member[] = [];
    separated(cursor, "}", () => members.push(member(cursor, depth)));
    return { kind: "map", line, members };
  }
  if (mark === "[") {
    const elements: Located[] = [];
    separated(cursor, "]", () => elements.push(value(cursor, depth + 1)));
    return { kind: "list", line, elements };
  }
  if (mark === '"') return { kind: "scalar", line, value: string(cursor) };
  const literal = take(cursor, LITERAL);
  if (literal === null) throw refusal(cursor, "a JSON value");
  return { kind: "scalar", line, value: literalValue(literal) };
}

function member(cursor: Cursor, depth: number): Member {
  count(cursor);
  const line = cursor.lineAt(cursor.at);
  const key = string(cursor);
  skip(cursor);
  if (cursor.text[cursor.at] !== ":") throw refusal(cursor, "`:`");
  cursor.at += 1;
  return { key, line, value: value(cursor, depth + 1) };
}

/** Calls `part` for each part between commas, from the opening mark to `close`. */
function separated(cursor: Cursor, close: string, part: () => void): void {
  cursor.at += 1;
  skip(cursor);
  if (cursor.text[cursor.at] === close) {
    cursor.at += 1;
    return;
  }
  for (let mark: string | undefined = ","; mark !== close; cursor.at += 1) {
    skip(cursor);
    part();
    skip(cursor);
    mark = cursor.text[cursor.at];
    if (mark !== "," && mark !== close) throw refusal(cursor, `\`,\` or \`${close}\``);
  }
}

function string(cursor: Cursor): string {
  const literal = take(cursor, STRING);
  if (literal === null) throw refusal(cursor, "a text in double quotes");
  return String(JSON.parse(literal));
}

function skip(cursor: Cursor): void {
  take(cursor, BLANKS);
}

function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0] ?? null;
  if (found !== null) cursor.at += found.length;
  return found;
}

function count(cursor: Cursor): void {
  cursor.parts += 1;
  if (cursor.parts > MAX_LEXEMES) throw new Stop(cursor.at, tooManyParts);
}

function refusal(cursor: Cursor, expected: string): Stop {
  return new Stop(cursor.at, syntax(expected, cursor.text.slice(cursor.at, cursor.at + 20)));
}

function literalValue(literal: string): null | boolean | number {
  if (literal === "null") return null;
  return literal === "true" || literal === "false" ? literal === "true" : Number(literal);
}

function syntax(expected: string, rest: string): Flaw {
  const found = rest === "" ? "the end of the text" : JSON.stringify(rest.split("\n")[0]);
  return {
    rule: "syntax",
    message: `expected ${expected}, found ${found}`,
    help: "Write JSON as RFC 8259 says: double quotes, no comments, no trailing commas.",
  };
}
