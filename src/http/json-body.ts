/** Decides, in one pass without recursion, whether a JSON body is safe to parse: I-JSON (RFC 7493) of bounded depth. */

import type { ProblemCode } from "./problem.ts";

export interface UnsafeBody {
  readonly code: Extract<ProblemCode, `body-${string}`>;
  /** JSON Pointer of the place; `""` when the text can't be read at all. */
  readonly pointer: string;
  readonly message: string;
}

export const MAX_JSON_DEPTH = 32;

/** Keys that reach an object's prototype where a library merges objects carelessly. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** An open object (`keys` not null) or array on the way to the place that is read. */
interface Frame {
  readonly keys: Set<string> | null;
  key: string;
  index: number;
  /** An object whose next string is a key. */
  keyNext: boolean;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TOKEN_END = /[\s,\]}]|$/g;

/**
 * Refuses what parsers disagree about or what would cost them dearly: invalid UTF-8, nesting over 32, duplicate keys,
 * prototype keys, U+0000, lone surrogates, numbers that a double can't hold. Grammar is left to `JSON.parse`.
 *
 * @returns null when the body is safe to hand to `JSON.parse`
 */
export function unsafeJson(bytes: Uint8Array): UnsafeBody | null {
  const text = utf8Text(bytes);
  return text === null ? NOT_UTF8 : unsafeText(text);
}

export const NOT_UTF8: UnsafeBody = {
  ...{ code: "body-malformed", pointer: "" },
  message: "The body must be UTF-8 (RFC 8259).",
};

/** The same of what was decoded. */
export function unsafeText(text: string): UnsafeBody | null {
  const frames: Frame[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? "";
    const frame = frames.at(-1);
    if (character === '"') {
      const end = endOfString(text, at);
      const unsafe = inspectString(text.slice(at, end), frame, frames);
      if (unsafe !== null) return unsafe;
      at = end;
    } else if (character === "{" || character === "[") {
      if (frames.length === MAX_JSON_DEPTH) return tooDeep(frames);
      const isObject = character === "{";
      frames.push({ keys: isObject ? new Set() : null, key: "", index: 0, keyNext: isObject });
      at += 1;
    } else if (character === "}" || character === "]") {
      frames.pop();
      at += 1;
    } else if (character === ",") {
      if (frame !== undefined) nextMember(frame);
      at += 1;
    } else if (isNumberStart(character)) {
      const end = endOfToken(text, at);
      const unsafe = inspectNumber(text.slice(at, end), frames);
      if (unsafe !== null) return unsafe;
      at = end;
    } else {
      at += 1;
    }
  }
  return null;
}

/** A byte order mark stays in it. @returns null when the bytes are no UTF-8 */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function nextMember(frame: Frame): void {
  frame.index += 1;
  frame.keyNext = frame.keys !== null;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfToken(text: string, start: number): number {
  TOKEN_END.lastIndex = start;
  return TOKEN_END.exec(text)?.index ?? text.length;
}

function isNumberStart(character: string): boolean {
  return character === "-" || (character >= "0" && character <= "9");
}

/** @param literal a JSON string with its quotes */
function inspectString(
  literal: string,
  frame: Frame | undefined,
  frames: readonly Frame[],
): UnsafeBody | null {
  const value = literal.includes("\\") ? unescape(literal) : literal.slice(1, -1);
  const isKey = frame !== undefined && frame.keys !== null && frame.keyNext;
  if (value.includes("\0") || !value.isWellFormed()) {
    const what = value.includes("\0") ? "U+0000" : "a lone surrogate";
    return {
      code: "body-text-unsafe",
      pointer: pointerOf(isKey ? frames.slice(0, -1) : frames),
      message: `A string here holds ${what}, which can't be stored as Unicode text.`,
    };
  }
  if (!isKey) return null;
  if (FORBIDDEN_KEYS.has(value)) {
    return {
      code: "body-key-forbidden",
      pointer: pointerOf(frames.slice(0, -1), value),
      message: `The key "${value}" is never accepted.`,
    };
  }
  if (frame.keys.has(value)) {
    return {
      code: "body-key-duplicate",
      pointer: pointerOf(frames.slice(0, -1), value),
      message: `The key "${value}" stands here twice; which one is meant can't be known.`,
    };
  }
  frame.keys?.add(value);
  frame.key = value;
  frame.keyNext = false;
  return null;
}

/** A literal with a broken escape stays as it is: `JSON.parse` of the whole body refuses it. */
function unescape(literal: string): string {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === "string" ? value : literal;
  } catch {
    return literal;
  }
}

function inspectNumber(token: string, frames: readonly Frame[]): UnsafeBody | null {
  const value = Number(token);
  if (Number.isNaN(value)) return null;
  const isInteger = /^-?\d+$/.test(token);
  if (Number.isFinite(value) && (!isInteger || Number.isSafeInteger(value))) return null;
  return {
    code: "body-number-range",
    pointer: pointerOf(frames),
    message: "The number is beyond what a double holds exactly (RFC 7493 section 2.2).",
  };
}

function tooDeep(frames: readonly Frame[]): UnsafeBody {
  return {
    code: "body-too-deep",
    pointer: pointerOf(frames),
    message: `Objects and arrays may nest ${MAX_JSON_DEPTH} deep; this place is deeper.`,
  };
}

/** RFC 6901; `lastKey` names a member of the object that `frames` lead to. */
function pointerOf(frames: readonly Frame[], lastKey?: string): string {
  const tokens = frames.map((frame) => (frame.keys === null ? String(frame.index) : frame.key));
  if (lastKey !== undefined) tokens.push(lastKey);
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
