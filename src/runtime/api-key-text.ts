/**
 * An API key as its holder sends it: `ssk_<id>_<secret>`. The id finds the row; the secret has 256 random bits, so that
 * one fast hash keeps it as safe as a slow one would (NIST SP 800-63B section 5.1.1.2 asks slowness of what people choose).
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { Random } from "./ports.ts";

const SECRET_BYTES = 32;
const API_KEY =
  /^ssk_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_([\w-]{43})$/;

export function newSecret(random: Random): string {
  return Buffer.from(random(SECRET_BYTES)).toString("base64url");
}

export function apiKeyText(id: string, secret: string): string {
  return `ssk_${id.replaceAll("-", "")}_${secret}`;
}

/** @returns null when the text is no key at all */
export function apiKeyIn(text: string): { readonly id: string; readonly secret: string } | null {
  const [, ...parts] = API_KEY.exec(text) ?? [];
  const secret = parts.pop();
  return secret === undefined ? null : { id: parts.join("-"), secret };
}

/** Hex. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** In a time that does not tell how much of it is right. */
export function isOneOf(hash: string, good: readonly string[]): boolean {
  const given = Buffer.from(hash, "hex");
  return good.filter((each) => timingSafeEqual(given, Buffer.from(each, "hex"))).length > 0;
}

/** What histories name who used the key: no token that an issuer makes may bear such a name. */
export function subjectOf(id: string): string {
  return `api-key:${id}`;
}
