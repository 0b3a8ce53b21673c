/** The canonical text of a definition, whose SHA-256 fixes the definition's behaviour for ever. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { significantOrder } from "./key-order.ts";
import { childOf } from "./pointer.ts";

/**
 * RFC 8785 text of `{ "document", "order" }`. RFC 8785 sorts keys, but the order of some keys is behaviour
 * (parallel regions are entered in document order, SCXML 3.4), so `order` keeps it where it isn't the sorted one.
 * Two documents have the same text exactly when they mean the same, whatever their format, blanks and comments.
 * @throws {TypeError} when `value` holds what JSON can't (a lone surrogate, NaN)
 */
export function canonicalText(value: JsonObject): string {
  return canonical({ document: value, order: significantOrder(value) });
}

/** Lowercase hex SHA-256 of the canonical text's UTF-8 bytes. */
export function digestOf(canonicalText: string): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalText)));
}

/**
 * The document that `canonicalText` was made from, its significant keys in their order, all others sorted.
 * @throws {TypeError} when the text is not one that `canonicalText` gave
 */
export function documentOf(canonicalText: string): JsonObject {
  const parsed: unknown = JSON.parse(canonicalText);
  if (!isJsonObject(parsed) || !isJsonObject(parsed["document"])) throw notCanonical();
  return arranged(parsed["document"], "", orderOf(parsed["order"]));
}

function canonical(value: JsonObject): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("a definition is a JSON object");
  return text;
}

function orderOf(order: Json | undefined): ReadonlyMap<string, readonly string[]> {
  if (!Array.isArray(order)) throw notCanonical();
  return new Map(
    order.map((entry: unknown) => {
      if (!isList(entry)) throw notCanonical();
      const [pointer, keys] = entry;
      if (typeof pointer !== "string" || !isTexts(keys)) throw notCanonical();
      return [pointer, keys];
    }),
  );
}

function arranged(
  value: JsonObject,
  pointer: string,
  order: ReadonlyMap<string, readonly string[]>,
): JsonObject {
  const keys = order.get(pointer) ?? Object.keys(value);
  if (new Set(keys).size !== Object.keys(value).length) throw notCanonical();
  return Object.fromEntries(
    keys.map((key) => {
      const member = value[key];
      if (member === undefined) throw notCanonical();
      return [key, arrangedValue(member, childOf(pointer, key), order)];
    }),
  );
}

function arrangedValue(
  value: Json,
  pointer: string,
  order: ReadonlyMap<string, readonly string[]>,
): Json {
  if (isJsonObject(value)) return arranged(value, pointer, order);
  if (!Array.isArray(value)) return value;
  return value.map((element: Json, index) =>
    arrangedValue(element, childOf(pointer, index), order),
  );
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return isList(value) && value.every((element) => typeof element === "string");
}

function notCanonical(): TypeError {
  return new TypeError("expected the canonical text of a definition");
}
