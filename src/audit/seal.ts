/** Personal values leave a commitment where they stood: SHA-256 over a random salt and their canonical JSON (RFC 8785). */

import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Json, JsonObject } from "../../machines/json.ts";
import { withTokens } from "../../machines/schema/tokens.ts";
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
  const whole = withTokens(value, pointers, (inner, pointer) => {
    const bytes = salt();
    const commitment = commitmentOf(bytes, inner);
    rows.push({ commitment, salt: Buffer.from(bytes).toString("hex"), value: inner });
    sealed.push([pointer, commitment]);
    return commitment;
  });
  return { value: whole, sealed: Object.fromEntries(sealed), rows };
}

/** Lowercase hex of SHA-256(salt bytes || UTF-8 of the value's RFC 8785 text). */
export function commitmentOf(salt: Uint8Array, value: Json): string {
  return createHash("sha256").update(salt).update(canonicalText(value), "utf8").digest("hex");
}

/** RFC 8785. @throws {TypeError} when a value holds what canonical JSON can't */
export function canonicalText(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("expected a JSON value");
  return text;
}
