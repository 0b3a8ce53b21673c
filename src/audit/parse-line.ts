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

/** What a replay takes from a line; all the rest it makes itself, and holds the line against. */
export type Told = Pick<
  Entry,
  "order" | "revision" | "prev" | "at" | "type" | "actor" | "digest" | "payload"
>;

/** An entry whose members are right, in their order, without a blank or a doubled key. */
export function parseLine(line: string): ParsedLine {
  const value = parsed(line);
  if (!isJsonObject(value)) return malformed("line", "a JSON object", excerpt(line));
  const read = entrySchema.safeParse(value);
  if (read.success) return misspelt(line, value) ?? { kind: "entry", entry: read.data };
  const [issue] = read.error.issues;
  const field = issue?.path[0];
  return malformed(
    typeof field === "string" ? field : "line",
    issue?.message ?? "an entry",
    excerpt(typeof field === "string" ? (JSON.stringify(value[field]) ?? "nothing") : line),
  );
}

/**
 * Only for whoever holds the line against the one that is expected, byte for byte: nothing else is looked at.
 * @returns null for what `parseLine` calls malformed
 */
export function toldIn(line: string): Told | null {
  const value = parsed(line);
  return isTold(value) ? value : null;
}

/**
 * The same at half the cost, since most of a line is not told but made anew; only for whoever asks `toldIn` where what is
 * made of it is another line: a state may bear a name that is searched for here.
 */
export function toldAtAGlance(line: string): Told | null {
  const before = line.indexOf(BEFORE);
  const payload = line.indexOf(PAYLOAD, before);
  const sealed = line.indexOf(SEALED, payload);
  if (before < 0 || payload < 0 || sealed < 0) return null;
  const value = parsed(`${line.slice(0, before)}${line.slice(payload, sealed)}}`);
  return isTold(value) ? value : null;
}

const BEFORE = ',"before":';
const PAYLOAD = ',"payload":';
const SEALED = ',"sealed":';

/** A line's members as they are written; none where it is no JSON object. */
export function membersOf(line: string): JsonObject {
  const value = parsed(line);
  return isJsonObject(value) ? value : {};
}

function isTold(value: unknown): value is Told {
  if (!isJsonObject(value)) return false;
  const { order, revision, prev, at, type, actor, digest, payload } = value;
  return (
    typeof order === "string" &&
    typeof revision === "number" &&
    typeof prev === "string" &&
    isInstant(at) &&
    typeof type === "string" &&
    isJsonObject(actor) &&
    typeof actor["sub"] === "string" &&
    typeof actor["role"] === "string" &&
    (typeof actor["centre"] === "string" || actor["centre"] === null) &&
    typeof digest === "string" &&
    // It is looked up, maybe in a database, before the line is held against anything.
    HEX.test(digest) &&
    isJsonObject(payload)
  );
}

/** What is wrong with the writing of a line that could be read; null: nothing. */
function misspelt(line: string, value: JsonObject): Malformed | null {
  const keys = Object.keys(value).join();
  const inOrder = MEMBERS.filter((member) => Object.hasOwn(value, member)).join();
  if (keys !== inOrder) return malformed("line", `the members ${inOrder}`, keys);
  // A doubled key, a blank or another spelling of a number is another line with the same meaning.
  if (JSON.stringify(value) !== line) {
    return malformed("line", "JSON without blanks and doubled keys", excerpt(line));
  }
  return null;
}

const HEX = /^[0-9a-f]{64}$/;
const HASH = z.string().regex(HEX, "64 lowercase hex digits");
const TEXT = z.string("a text");
const jsonObject = z.custom<JsonObject>(isJsonObject, "an object");
const stateValue = z.custom<StateValue>(isStateValue, "a state value");
const instant = z.custom<Instant>(isInstant, "an RFC 3339 instant in UTC with milliseconds");

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

function isInstant(value: unknown): value is Instant {
  return typeof value === "string" && INSTANT.test(value) && parseInstant(value) !== null;
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
