/**
 * Seals an answer so that only who sends the request's idempotency key again can open it: the database, which holds
 * neither the key nor anything else that opens it, keeps no secret and no personal value of an answer in clear.
 * AES-256-GCM (NIST SP 800-38D) under keys derived by HKDF-SHA-256 (RFC 5869), with a nonce made of the text itself
 * (as SIV does, RFC 5297): two texts under one key never share a nonce.
 */

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import type { IdempotencyKey } from "../store/contracts/idempotency.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function sealAnswer(text: string, key: IdempotencyKey): string {
  const { sealing, naming } = keysFrom(key);
  const nonce = createHmac("sha256", naming).update(text).digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, sealing, nonce);
  const sealed = [cipher.update(text, "utf8"), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString("base64");
}

/** @throws when it was sealed under another key, or altered */
export function openAnswer(sealed: string, key: IdempotencyKey): string {
  const bytes = Buffer.from(sealed, "base64");
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const { sealing } = keysFrom(key);
  const decipher = createDecipheriv(CIPHER, sealing, nonce).setAuthTag(tag);
  const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8");
  return text + decipher.final("utf8");
}

function keysFrom({ caller, key, fingerprint }: IdempotencyKey) {
  const info = `sevenstep idempotency ${caller}`;
  const derived = new Uint8Array(hkdfSync("sha256", key, fingerprint, info, 2 * KEY_BYTES));
  return { sealing: derived.subarray(0, KEY_BYTES), naming: derived.subarray(KEY_BYTES) };
}
