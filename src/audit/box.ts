/**
 * A personal value under its person's key: AES-256-GCM (NIST SP 800-38D), bound to its order and commitment. A box is a
 * nonce of 12 random bytes, the encrypted salt of 32 bytes with the value's RFC 8785 text behind it, and a tag of 16.
 */

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { isJson } from "../../machines/json.ts";
import { canonicalText, SALT_BYTES, type SealedRow } from "./seal.ts";

export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";

/** @param nonce of 12 bytes, fresh and random for each box of a key */
export function box(
  key: Uint8Array,
  orderId: string,
  { commitment, salt, value }: SealedRow,
  nonce: Uint8Array,
): Buffer {
  const text = canonicalText(value);
  const plain = Buffer.allocUnsafe(SALT_BYTES + Buffer.byteLength(text));
  plain.write(salt, "hex");
  plain.write(text, SALT_BYTES);
  const cipher = createCipheriv(CIPHER, cipherKey(key), nonce);
  cipher.setAAD(boundTo(orderId, commitment));
  const sealed = cipher.update(plain);
  // A counter mode holds nothing back: what is left is the tag.
  cipher.final();
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** Null: it was sealed under another key, for another place, or altered. Whether it fits the commitment, it doesn't say. */
export function openBox(
  key: Uint8Array,
  orderId: string,
  commitment: string,
  boxed: Uint8Array,
): SealedRow | null {
  const end = boxed.length - TAG_BYTES;
  if (end < NONCE_BYTES + SALT_BYTES) return null;
  const decipher = createDecipheriv(CIPHER, cipherKey(key), boxed.subarray(0, NONCE_BYTES));
  decipher.setAAD(boundTo(orderId, commitment));
  decipher.setAuthTag(boxed.subarray(end));
  const opened = decipher.update(boxed.subarray(NONCE_BYTES, end));
  try {
    decipher.final();
  } catch {
    return null;
  }
  const value: unknown = JSON.parse(opened.toString("utf8", SALT_BYTES));
  if (!isJson(value)) throw new TypeError("expected JSON in a box");
  return { commitment, salt: opened.toString("hex", 0, SALT_BYTES), value };
}

/** As the cipher takes them: to prepare one costs more than a box does, and a person's values come several at a time. */
const prepared = new WeakMap<Uint8Array, KeyObject>();

function cipherKey(key: Uint8Array): KeyObject {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  prepared.set(key, made);
  return made;
}

function boundTo(orderId: string, commitment: string): Buffer {
  return Buffer.from(`${orderId} ${commitment}`);
}
