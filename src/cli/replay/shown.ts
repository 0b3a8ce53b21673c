/** Makes text from a history safe for a terminal: whoever wrote it decides what is read, and nothing else. */

import type { Json } from "../../../machines/json.ts";

/** Control characters of both sets (ECMA-48), and marks that reverse what stands around them (UAX 9). */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const TOKEN = /sealed:([0-9a-f]{8})[0-9a-f]{56}/g;

/** Commitments are cut to their first eight digits: enough to tell them apart. */
export function shown(text: string): string {
  return text
    .replaceAll(UNSAFE, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll(TOKEN, (_, digits: string) => `sealed:${digits}…`);
}

/** As JSON in one line. */
export function shownJson(value: Json): string {
  return shown(JSON.stringify(value));
}
