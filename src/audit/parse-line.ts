/** Reads one stored history line strictly: what is no entry, or not written as one is, is refused with its place. */

import { z } from "zod";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import type { Instant, StateValue } from "../../machines/order.ts";
import { parseInstant } from "../../machines/time/instant.ts";
import { MEMBERS, type Entry } from "./entry.ts";

export interface Malformed {
  readonly kind: "malformed";
  /** The member that is wrong, or `line`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

export type ParsedLine = { readonly kind: "entry"; readonly entry: Entry } | Malformed;

/** An entry whose members are right, in their order, without a blank or a doubled key. */
export function parseLine(line: string): ParsedLine {
  const read = readLine(line);
  if (read.kind === "malformed") return read;
  return misspelt(line, read.value) ?? { kind: "entry", entry: read.entry };
}

/** An entry that means something, however it is written. `value` is the line's own JSON. */
export type ReadLine =
  | { readonly kind: "entry"; readonly entry: Entry; readonly value: JsonObject }
  | Malformed;

/** For whoever holds the line against the one that is expected, byte for byte; everybody else calls `parseLine`. */
export function readLine(line: string): ReadLine {
  const value = parsed(line);
  if (!isJsonObject(value)) return malformed("line", "a JSON object", excerpt(line));
  const read = entrySchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const field = issue?.path[0];
    return malformed(
      typeof field === "string" ? field : "line",
      issue?.message ?? "an entry",
      excerpt(typeof field === "string" ? (JSON.stringify(value[field]) ?? "nothing") : line),
    );
  }
  return { kind: "entry", entry: read.data, value };
}

/** What is wrong with the writing of a line that could be read; null: nothing. */
export function misspelt(line: string, value: JsonObject): Malformed | null {
  const keys = Object.keys(value).join();
  const inOrder = MEMBERS.filter((member) => Object.hasOwn(value, member)).join();
  if (keys !== inOrder) return malformed("line", `the members ${inOrder}`, keys);
  // A doubled key, a blank or another spelling of a number is another line with the same meaning.
  if (JSON.stringify(value) !== line) {
    return malformed("line", "JSON without blanks and doubled keys", excerpt(line));
  }
  return null;
}

const HASH = z.string().regex(/^[0-9a-f]{64}$/, "64 lowercase hex digits");
const TEXT = z.string("a text");
const jsonObject = z.custom<JsonObject>(isJsonObject, "an object");
const stateValue = z.custom<StateValue>(isStateValue, "a state value");
const instant = z.custom<Instant>(
  (value) => typeof value === "string" && parseInstant(value) !== null && INSTANT.test(value),
  "an RFC 3339 instant in UTC with milliseconds",
);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const timer = z.strictObject({
  id: TEXT,
  item: TEXT.exactOptional(),
  state: TEXT,
  after: TEXT,
  dueAt: instant,
});

const effect = z.strictObject({
  type: TEXT,
  item: TEXT.exactOptional(),
  params: jsonObject,
  values: jsonObject.exactOptional(),
});

const entrySchema = z.strictObject({
  v: z.literal(1, "the format version 1"),
  order: TEXT,
  revision: z.int("a whole number").min(1, "a number from 1"),
  prev: HASH,
  at: instant,
  type: TEXT,
  actor: z.strictObject({ sub: TEXT, role: TEXT, centre: TEXT.nullable() }),
  digest: HASH,
  before: stateValue.nullable(),
  after: stateValue,
  payload: jsonObject,
  sealed: z.record(z.string(), HASH),
  timers: z.strictObject({ set: z.array(timer), cancelled: z.array(TEXT) }),
  effects: z.array(effect),
  items: z.record(z.string(), z.tuple([stateValue.nullable(), stateValue])).exactOptional(),
  state: HASH,
}) satisfies z.ZodType<Entry>;

function isStateValue(value: unknown): value is StateValue {
  if (typeof value === "string") return true;
  return isJsonObject(value) && Object.values(value).every(isStateValue);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function malformed(field: string, expected: string, found: string): Malformed {
  return { kind: "malformed", field, expected, found };
}

const EXCERPT_CHARACTERS = 200;

function excerpt(text: string): string {
  return text.length <= EXCERPT_CHARACTERS ? text : `${text.slice(0, EXCERPT_CHARACTERS)}...`;
}
