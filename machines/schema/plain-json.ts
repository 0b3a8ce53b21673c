/** What JSON text can carry but no store and no other reader gives back unchanged is refused wherever it stands. */

import { isJsonObject } from "../json.ts";
import type { Json } from "../json.ts";
import type { ValidationError } from "./compile-schema.ts";
import { childOf } from "../document/pointer.ts";

/**
 * Numbers must be finite, and whole ones exact in a double (RFC 8259 section 6). Text must be well-formed Unicode without
 * U+0000: Postgres refuses the latter, and UTF-8 has no place for half a surrogate pair.
 */
export function plainJsonErrors(value: Json): ValidationError[] {
  const errors: ValidationError[] = [];
  // Pointers cost more than the judgement, and nearly every value is plain.
  if (!isPlain(value)) visit(value, "", errors);
  return errors;
}

function isPlain(value: Json): boolean {
  if (typeof value === "string") return isPlainText(value);
  if (typeof value === "number") return isExact(value);
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  if (!isJsonObject(value)) return false;
  for (const key of Object.keys(value)) {
    if (!isPlainText(key) || key === "__proto__" || !isPlain(value[key] ?? null)) return false;
  }
  return true;
}

function visit(value: Json, pointer: string, errors: ValidationError[]): void {
  if (typeof value === "number") {
    if (!isExact(value))
      errors.push({
        pointer,
        message: "expected a number that JSON keeps exactly, at most 2^53 - 1 if whole",
      });
  } else if (typeof value === "string") {
    if (!isPlainText(value)) errors.push({ pointer, message: NOT_TEXT });
  } else if (Array.isArray(value)) {
    value.forEach((item: Json, index) => visit(item, childOf(pointer, index), errors));
  } else if (isJsonObject(value)) {
    for (const [key, field] of Object.entries(value)) {
      if (!isPlainText(key) || key === "__proto__")
        errors.push({ pointer, message: "expected field names that are plain text; one is not" });
      else visit(field, childOf(pointer, key), errors);
    }
  }
}

const NOT_TEXT = "expected well-formed text without U+0000, found a character that can't be stored";

function isExact(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
