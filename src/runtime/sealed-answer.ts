/**
 * Seals an answer so that only who sends the request's idempotency key again can open it: the database, which holds
 * neither the key nor anything else that opens it, keeps no secret and no personal value of an answer in clear.
 * AES-256-GCM (NIST SP 800-38D) under a key derived by HKDF-SHA-256 (RFC 5869), a fresh one for each record.
 */

import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Random } from "./ports.ts";

const CIPHER = "aes-256-gcm";
const SALT_BYTES = 32;
const TAG_BYTES = 16;
/** Each derived key seals one text, so its nonce need not differ. */
const NONCE = Buffer.alloc(12);

export function sealAnswer(text: string, secret: string, random: Random): string {
  const salt = random(SALT_BYTES);
  const cipher = createCipheriv(CIPHER, keyFrom(secret, salt), NONCE);
  const sealed = [cipher.update(text, "utf8"), cipher.final()];
  return Buffer.concat([salt, cipher.getAuthTag(), ...sealed]).toString("base64");
}

/** @throws when it was sealed under another secret, or altered */
export function openAnswer(sealed: string, secret: string): string {
  const bytes = Buffer.from(sealed, "base64");
  const salt = bytes.subarray(0, SALT_BYTES);
  const tag = bytes.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, keyFrom(secret, salt), NONCE).setAuthTag(tag);
  const text = decipher.update(bytes.subarray(SALT_BYTES + TAG_BYTES), undefined, "utf8");
  return text + decipher.final("utf8");
}

function keyFrom(secret: string, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, "sevenstep answer", 32));
}
