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

function parsed(text: string, lineAt: LineAt): Located {
  let parts = 0;
  let at = text.startsWith("\ufeff") ? 1 : 0;

  const skip = () => {
    BLANKS.lastIndex = at;
    BLANKS.test(text);
    at = BLANKS.lastIndex;
  };
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const count = () => {
    parts += 1;
    if (parts > MAX_LEXEMES) throw new Stop(at, tooManyParts);
  };
  const refuse = (expected: string) => new Stop(at, syntax(expected, text.slice(at, at + 20)));
  /** Calls `part` for each part between commas, up to `close`. */
  const separated = (close: string, part: () => void) => {
    at += 1;
    skip();
    if (text[at] === close) return void (at += 1);
    for (;;) {
      part();
      skip();
      const mark = text[at];
      if (mark !== "," && mark !== close) throw refuse(`\`,\` or \`${close}\``);
      at += 1;
      if (mark === close) return;
      skip();
    }
  };
  const string = (): string => {
    const literal = take(STRING);
    if (literal === null) throw refuse("a text in double quotes");
    return String(JSON.parse(literal));
  };
  const value = (depth: number): Located => {
    skip();
    count();
    const line = lineAt(at);
    const mark = text[at];
    if (depth >= MAX_DEPTH && (mark === "{" || mark === "[")) throw new Stop(at, tooDeep);
    if (mark === "{") {
      const members: Member[] = [];
      separated("}", () => {
        count();
        const keyLine = lineAt(at);
        const key = string();
        skip();
        if (text[at] !== ":") throw refuse("`:`");
        at += 1;
        members.push({ key, line: keyLine, value: value(depth + 1) });
      });
      return { kind: "map", line, members };
    }
    if (mark === "[") {
      const elements: Located[] = [];
      separated("]", () => elements.push(value(depth + 1)));
      return { kind: "list", line, elements };
    }
    if (mark === '"') return { kind: "scalar", line, value: string() };
    const literal = take(LITERAL);
    if (literal === null) throw refuse("a JSON value");
    return { kind: "scalar", line, value: literalValue(literal) };
  };

  const root = value(0);
  skip();
  if (at < text.length) throw refuse("the end of the document");
  return root;
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
