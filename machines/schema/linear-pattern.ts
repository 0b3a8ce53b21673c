/** Patterns that designers write run in linear time (RE2): no text makes them backtrack, and both sides are bounded. */

import { RE2JS } from "re2js";

export interface Matcher {
  /** False for texts over the bound, which `MAX_MATCHED_CHARACTERS` names. */
  readonly test: (text: string) => boolean;
  /** Instructions of the compiled pattern: time is in proportion to them and to the text. */
  readonly size: number;
  /** Ajv keys its generated code by this text. */
  readonly toString: () => string;
}

export const MAX_MATCHED_CHARACTERS = 4000;
/** Instructions; a counted repetition multiplies them, so the pattern's length says little. */
const MAX_PATTERN_SIZE = 500;
const MAX_PATTERN_CHARACTERS = 200;

/** @throws {Error} when RE2 has no such syntax (look-around, back references), or the pattern is too big */
export function matcherOf(pattern: string): Matcher {
  const known = matchers.get(pattern);
  if (known !== undefined) return known;
  const matcher = compile(pattern);
  if (matchers.size >= KEPT) matchers.clear();
  matchers.set(pattern, matcher);
  return matcher;
}

function compile(pattern: string): Matcher {
  if (pattern.length > MAX_PATTERN_CHARACTERS)
    throw new Error(
      `it has ${pattern.length} characters, at most ${MAX_PATTERN_CHARACTERS} are taken`,
    );
  const compiled = RE2JS.compile(pattern);
  const size = compiled.programSize();
  if (size > MAX_PATTERN_SIZE)
    throw new Error(`its repetitions come to ${size} steps, at most ${MAX_PATTERN_SIZE} are taken`);
  const finds = (text: string): boolean =>
    pattern === SEALED_PATTERN ? SEALED.test(text) : compiled.matcher(text).find();
  return {
    test: (text) => text.length <= MAX_MATCHED_CHARACTERS && finds(text),
    size,
    toString: () => pattern,
  };
}

/**
 * What stands in the place of a sealed value. It is our own, and asked for at every one of them: of one fixed length, it
 * is linear in any engine, and here both read it alike.
 */
export const SEALED_PATTERN = "^sealed:[0-9a-f]{64}$";
const SEALED = new RegExp(SEALED_PATTERN);

/** Compiling costs more than matching; a bound keeps hostile documents from filling the memory. */
const KEPT = 1000;
const matchers = new Map<string, Matcher>();
