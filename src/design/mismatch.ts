/** What did not hold after a step, and the small words of which such sentences are made. */

import type { Json } from "../../machines/json.ts";
import type { Expectation } from "./scenario-schema.ts";
import { firstLack } from "./subset.ts";

/** What a mismatch is about: a key of `then`, whether the step was accepted, the clock, or a promise of the engine. */
export type Aspect = keyof Expectation | "accepted" | "clock" | "engine";

export interface Mismatch {
  readonly aspect: Aspect;
  /** A closer place within the aspect, such as a pointer into the data; "" where there is none. */
  readonly at: string;
  readonly expected: string;
  readonly found: string;
}

export function lacks(aspect: Aspect, at: string, wanted: Json, found: Json): readonly Mismatch[] {
  const lack = firstLack(wanted, found);
  if (lack === null) return [];
  return [mismatch(aspect, at + lack.pointer, shown(lack.expected), shown(lack.found))];
}

export function mismatch(aspect: Aspect, at: string, expected: string, found: string): Mismatch {
  return { aspect, at, expected, found };
}

export function shown(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Without members that are undefined, which JSON has not. */
export function clean(value: { readonly [key: string]: Json | undefined }): Json {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, member]])),
  );
}

export function listed(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}
