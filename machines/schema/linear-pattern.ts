/** Patterns that designers write run in linear time (RE2): no text makes them backtrack. */

import { RE2JS } from "re2js";

export interface Matcher {
  readonly test: (text: string) => boolean;
  /** Ajv keys its generated code by this text. */
  readonly toString: () => string;
}

/** @throws {Error} when RE2 has no such syntax: back references and look-around are what it leaves out */
export function matcherOf(pattern: string): Matcher {
  const known = matchers.get(pattern);
  if (known !== undefined) return known;
  const compiled = RE2JS.compile(pattern);
  const matcher = {
    test: (text: string) => compiled.matcher(text).find(),
    toString: () => pattern,
  };
  if (matchers.size >= KEPT) matchers.clear();
  matchers.set(pattern, matcher);
  return matcher;
}

/** Compiling costs more than matching; a bound keeps hostile documents from filling the memory. */
const KEPT = 1000;
const matchers = new Map<string, Matcher>();
