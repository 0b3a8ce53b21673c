/** Replays a history from its lines and the definitions alone, and finds the first place where it is not what happened. */

import type { Executable } from "../../machines/compile/executable.ts";
import { resolve } from "../../machines/document/pointer.ts";
import { isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import type {
  Instant,
  Order,
  OrderEvent,
  Start,
  StepResult,
  Stepped,
} from "../../machines/order.ts";
import { migrate } from "../../machines/migrate/migrate.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import {
  entryLine,
  entryOf,
  hashLine,
  MEMBERS,
  NO_LINE,
  type Commitments,
  type Entry,
} from "./entry.ts";
import { MIGRATED, migratedPlaces } from "./migrated-places.ts";
import { membersOf, parseLine, toldAtAGlance, toldIn, type Told } from "./parse-line.ts";
import { freeTexts } from "./free-text.ts";
import { judgedPart, personalPlaces } from "./personal-places.ts";
import { snapshotOf, type Snapshot } from "./snapshot.ts";

/** Null: no definition with this digest is known. */
export type ExecutableOf = (digest: string) => Executable | null;

export interface Replayed {
  readonly kind: "replayed";
  readonly entry: Entry;
  /** SHA-256 of the line. */
  readonly hash: string;
  readonly stepped: Stepped;
  readonly order: Order;
  readonly snapshot: Snapshot;
}

/** The first entry that does not follow from those before it. */
export interface Diverged {
  readonly kind: "diverged";
  readonly revision: number;
  /** A member of the entry; `line` when it can't be read as one. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Where a history stands after an entry: all that the next one is held against. */
export type Past = Pick<Replayed, "order" | "hash">;

/**
 * Every line's entry in turn; a divergence is the last.
 * @param past what the lines go on from; null: the first line is the first of its history
 */
export function* replay(
  lines: Iterable<string>,
  executableOf: ExecutableOf,
  past: Past | null = null,
): Generator<Replayed | Diverged, void> {
  let previous = past;
  for (const line of lines) {
    const next = replayNext(previous, line, executableOf);
    yield next;
    if (next.kind === "diverged") return;
    previous = next;
  }
}

/** The last entry at or before a revision or an instant; null when the history begins later. */
export function orderAt(
  lines: Iterable<string>,
  point: { readonly revision: number } | { readonly time: Instant },
  executableOf: ExecutableOf,
): Replayed | Diverged | null {
  let last: Replayed | null = null;
  for (const next of replay(lines, executableOf)) {
    if (next.kind === "diverged") return next;
    if (isAfter(next.order, point)) return last;
    last = next;
  }
  return last;
}

/**
 * Checks one line against all that went before it, and steps.
 * @param previous null: the line is the first of its history
 */
export function replayNext(
  previous: Past | null,
  line: string,
  executableOf: ExecutableOf,
): Replayed | Diverged {
  const glance = toldAtAGlance(line);
  const next = glance === null ? null : replayed(previous, line, glance, executableOf);
  return next?.kind === "replayed" ? next : replayedWhole(previous, line, executableOf);
}

function replayedWhole(
  previous: Past | null,
  line: string,
  executableOf: ExecutableOf,
): Replayed | Diverged {
  const told = toldIn(line);
  const next = told === null ? null : replayed(previous, line, told, executableOf);
  if (next?.kind === "replayed") return next;
  // A line that can't be read, or is written in another way, is no entry, whatever else is wrong.
  const read = parseLine(line);
  if (read.kind === "malformed") return diverged(previous, read.field, read.expected, read.found);
  return next ?? diverged(previous, "line", "an entry", line);
}

function replayed(
  previous: Past | null,
  line: string,
  told: Told,
  executableOf: ExecutableOf,
): Replayed | Diverged {
  const place = misplaced(previous, told);
  if (place !== null) return diverged(previous, place.field, place.expected, place.found);
  const executable = executableOf(told.digest);
  if (executable === null) {
    return diverged(previous, "digest", "a known definition", told.digest);
  }
  const before = previous?.order ?? null;
  const event: OrderEvent = { type: told.type, payload: told.payload, actor: told.actor };
  const sealed = sealedIn(executable, before, event);
  if (sealed.kind === "clear") {
    const expected = `a commitment at ${sealed.pointer}`;
    return diverged(previous, "payload", expected, "a value in clear");
  }
  const old = told.type === MIGRATED && before !== null ? executableOf(before.digest) : null;
  const stepped = taken({ executable, old }, before, told, event);
  if (stepped.kind === "rejected") {
    const found = `${told.type}: ${stepped.code}`;
    return diverged(previous, "type", "an event that is accepted", found);
  }
  const { prev } = told;
  const { order } = stepped;
  const snapshot = snapshotOf(order.snapshot);
  const happened = { prev, before, event, sealed: sealed.commitments, stepped, snapshot };
  const entry = entryOf(happened);
  const expected = entryLine(entry);
  // The line is this very entry, to the byte: so nobody has to ask whether it is one, or whether it was read right.
  if (expected === line) {
    return { kind: "replayed", entry, hash: hashLine(line), stepped, order, snapshot };
  }
  const found = membersOf(line);
  const wrong = MEMBERS.find((member) => text(entry[member]) !== text(found[member]));
  if (wrong === undefined) return diverged(previous, "line", expected, line);
  return diverged(previous, wrong, text(entry[wrong]), text(found[wrong]));
}

function diverged(previous: Past | null, field: string, expected: string, found: string): Diverged {
  const revision = (previous?.order.revision ?? 0) + 1;
  return { kind: "diverged", revision, field, expected, found };
}

type Misplaced = Pick<Diverged, "field" | "expected" | "found">;

function misplaced(previous: Past | null, told: Told): Misplaced | null {
  const found = (field: keyof Told, expected: string): Misplaced => ({
    ...{ field, expected, found: text(told[field]) },
  });
  const revision = (previous?.order.revision ?? 0) + 1;
  if (told.revision !== revision) return found("revision", text(revision));
  const prev = previous?.hash ?? NO_LINE;
  if (told.prev !== prev) return found("prev", text(prev));
  if ((told.type === "order.started") !== (previous === null)) {
    return found("type", previous === null ? '"order.started"' : "an event after the start");
  }
  if (previous === null) return null;
  const { identity, at } = previous.order;
  if (told.order !== identity.id) return found("order", text(identity.id));
  // Instants of one form and length compare as texts.
  if (told.at < at) return found("at", `${text(at)} or later`);
  return null;
}

/** @param old the version that a migration leaves; null: it is none, or no definition with its digest is known */
function taken(
  { executable, old }: { readonly executable: Executable; readonly old: Executable | null },
  before: Order | null,
  told: Told,
  event: OrderEvent,
): StepResult {
  if (before !== null && old !== null) {
    return migrate({ from: old, to: executable }, before, event, told.at);
  }
  if (before !== null) return step(executable, before, event, told.at);
  const started = startOf(executable, told);
  return typeof started === "string" ? notStarted(started) : start(executable, started, told.at);
}

/** What the order was started from, as its first entry tells; a text says what is wrong with it. */
function startOf(executable: Executable, { order, payload, actor }: Told): Start | string {
  const { process, version, businessKey, centre, data } = payload;
  if (process !== executable.process || version !== executable.version) {
    return `Expected ${executable.process} ${executable.version}, found ${text(process)} ${text(version)}.`;
  }
  if (!isTextOrNull(businessKey)) return "Expected `businessKey` to be a text or null.";
  if (!isTextOrNull(centre)) return "Expected `centre` to be a text or null.";
  if (!isJsonObject(data)) return "Expected `data` to be an object.";
  return { identity: { id: order, businessKey, centre }, data, actor };
}

function notStarted(detail: string): StepResult {
  return { kind: "rejected", code: "data-invalid", detail };
}

type SealedIn =
  | { readonly kind: "sealed"; readonly commitments: Commitments }
  | { readonly kind: "clear"; readonly pointer: string };

function sealedIn(executable: Executable, before: Order | null, event: OrderEvent): SealedIn {
  const commitments: [string, string][] = [];
  const places =
    event.type === MIGRATED
      ? migratedPlaces(executable, event.payload)
      : personalPlaces(judgedPart(executable, before, event.type, event.payload));
  for (const pointer of places) {
    const commitment = commitmentAt(event.payload, pointer);
    if (commitment === undefined) return { kind: "clear", pointer };
    commitments.push([pointer, commitment]);
  }
  for (const pointer of freeTexts(event.type, event.payload)) {
    const commitment = commitmentAt(event.payload, pointer);
    if (commitment !== undefined) commitments.push([pointer, commitment]);
  }
  return { kind: "sealed", commitments: Object.fromEntries(commitments) };
}

function commitmentAt(payload: JsonObject, pointer: string): string | undefined {
  const value = resolve(payload, pointer);
  return typeof value === "string" ? SEALED.exec(value)?.[1] : undefined;
}

const SEALED = /^sealed:([0-9a-f]{64})$/;

function isAfter(
  { revision, at }: Order,
  point: { readonly revision: number } | { readonly time: Instant },
): boolean {
  return "revision" in point ? revision > point.revision : at > point.time;
}

function isTextOrNull(value: Json | undefined): value is string | null {
  return typeof value === "string" || value === null;
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
