/** Personal values leave a commitment where they stood: SHA-256 over a random salt and their canonical JSON (RFC 8785). */

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { segmentsOf } from "../../machines/document/pointer.ts";
import { isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import type { Commitments } from "./entry.ts";

export interface SealedRow {
  /** 64 hex digits. */
  readonly commitment: string;
  /** 64 hex digits: 32 bytes. */
  readonly salt: string;
  readonly value: Json;
}

export interface Sealing {
  /** The value, a token `sealed:<commitment>` in place of each personal value. */
  readonly value: JsonObject;
  readonly sealed: Commitments;
  /** What opens the commitments; kept beside the history and never in it. */
  readonly rows: readonly SealedRow[];
}

export const SALT_BYTES = 32;

/**
 * Seals the values that the pointers name; a pointer that leads nowhere is left out.
 * @param salt gives 32 fresh random bytes at each call
 * @throws {TypeError} when a value holds what canonical JSON can't (a lone surrogate)
 */
export function seal(
  value: JsonObject,
  pointers: readonly string[],
  salt: () => Uint8Array,
): Sealing {
  const rows: SealedRow[] = [];
  const sealed: [string, string][] = [];
  let whole: Json = value;
  for (const pointer of pointers) {
    whole = replaceAt(whole, segmentsOf(pointer), (inner) => {
      const bytes = salt();
      const commitment = commitmentOf(bytes, inner);
      rows.push({ commitment, salt: Buffer.from(bytes).toString("hex"), value: inner });
      sealed.push([pointer, commitment]);
      return `${PREFIX}${commitment}`;
    });
  }
  if (!isJsonObject(whole)) throw new TypeError("expected pointers to fields of the value");
  return { value: whole, sealed: Object.fromEntries(sealed), rows };
}

/** Lowercase hex of SHA-256(salt bytes || UTF-8 of the value's RFC 8785 text). */
export function commitmentOf(salt: Uint8Array, value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("expected a JSON value");
  return createHash("sha256").update(salt).update(text, "utf8").digest("hex");
}

/**
 * Joins values back wherever a token stands, inside longer texts too: a text that is one token becomes its value, of
 * whatever type; within a longer text a value is written out. Tokens without a value (erased, withheld) stay.
 * @param values by commitment
 */
export function unseal(value: JsonObject, values: ReadonlyMap<string, Json>): JsonObject;
export function unseal(value: Json, values: ReadonlyMap<string, Json>): Json;
export function unseal(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (values.size === 0) return value;
  return mapTexts(value, (text) => opened(text, values));
}

/** The commitments of all tokens in a value, once each. */
export function commitmentsIn(value: Json): readonly string[] {
  const found = JSON.stringify(value).matchAll(TOKEN);
  return [...new Set(Array.from(found, ([token]) => token.slice(PREFIX.length)))];
}

const PREFIX = "sealed:";
const TOKEN = /sealed:[0-9a-f]{64}/g;
const TOKEN_CHARACTERS = PREFIX.length + 64;

function opened(text: string, values: ReadonlyMap<string, Json>): Json {
  if (text.length === TOKEN_CHARACTERS && text.startsWith(PREFIX)) {
    return values.get(text.slice(PREFIX.length)) ?? text;
  }
  return text.replace(TOKEN, (token) => {
    const value = values.get(token.slice(PREFIX.length));
    if (value === undefined) return token;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function mapTexts(value: Json, map: (text: string) => Json): Json {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((element: Json) => mapTexts(element, map));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, map)]),
  );
}

function replaceAt(
  value: Json,
  segments: readonly string[],
  replacement: (inner: Json) => Json,
): Json {
  const [key, ...rest] = segments;
  if (key === undefined) return replacement(value);
  if (Array.isArray(value)) {
    return value.map((element: Json, index) =>
      String(index) === key ? replaceAt(element, rest, replacement) : element,
    );
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === key ? replaceAt(member, rest, replacement) : member,
    ]),
  );
}
