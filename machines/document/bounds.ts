/** The bounds that every text keeps before it is parsed, so that hostile input ends early. */

import type { Flaw } from "./located.ts";

const MAX_BYTES = 1_048_576;
/** Collections inside collections, the document itself counted. */
export const MAX_DEPTH = 32;
/** Marks, blanks and words of YAML, keys and values of JSON: what bounds the time that reading takes. */
export const MAX_LEXEMES = 100_000;
/** UTF-16 code units of a key; a JSON Pointer holds up to MAX_DEPTH of them. */
export const MAX_KEY_LENGTH = 256;
export const MAX_FINDINGS = 500;

/** What forbids reading `text` at all, and at which offset; null when nothing does. Ends in time linear in the bound. */
export function textFlaw(text: string): { readonly flaw: Flaw; readonly offset: number } | null {
  // A UTF-16 code unit is at least one byte of UTF-8, so a longer text needs no counting.
  const bytes = text.length > MAX_BYTES ? text.length : new TextEncoder().encode(text).length;
  if (bytes > MAX_BYTES) {
    const flaw = {
      rule: "too-large",
      message: `expected at most ${MAX_BYTES} bytes, found ${text.length > MAX_BYTES ? "at least " : ""}${bytes}`,
      help: "Split the process into several definitions.",
    };
    return { flaw, offset: 0 };
  }
  const offset = text.search(FORBIDDEN_CHARACTER);
  if (offset < 0) return null;
  const code = text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, "0");
  const flaw = {
    rule: "forbidden-character",
    message: `expected Unicode text, found U+${code}`,
    help: "Remove it: databases and signatures can't keep such a text unchanged.",
  };
  return { flaw, offset };
}

export const tooDeep: Flaw = {
  rule: "too-deep",
  message: `expected at most ${MAX_DEPTH} levels of lists and objects, found more`,
  help: "Nest less: bring inner parts up a level.",
};

export const tooManyParts: Flaw = {
  rule: "too-large",
  message: `expected at most ${MAX_LEXEMES} keys, values and marks, found more`,
  help: "Split the process into several definitions.",
};

/** U+0000, and a surrogate without its other half (with the `u` flag a whole pair is one character, and matches not). */
const FORBIDDEN_CHARACTER = /[\0\ud800-\udfff]/u;
