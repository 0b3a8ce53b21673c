/**
 * How a person's key lies on a disk: AES-256-GCM (NIST SP 800-38D) under a wrapping key, bound to the name of its place,
 * so that no key can be put in another's stead.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** What wraps keys; a keystore has one, and two while it rotates. */
export interface Wrapper {
  /** 16 hex digits. */
  readonly id: string;
  readonly key: Uint8Array;
}

export interface WrappedKey {
  /** 64 hex digits: SHA-256 of the tag. */
  readonly name: string;
  /** The id of the wrapper. */
  readonly wrapper: string;
  /** Nonce, ciphertext and tag: `BOX_BYTES`. */
  readonly box: Uint8Array;
}

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
export const BOX_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
const WRAPPER_ID_BYTES = 8;

/** Of one length, whatever the tag is. */
export function nameOf(tag: string): string {
  return createHash("sha256").update(tag, "utf8").digest("hex");
}

/** A random nonce may come twice only after some 2^32 keys (SP 800-38D 8.3): a rotation begins anew. */
export function wrapKey(name: string, key: Uint8Array, wrapper: Wrapper): WrappedKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, wrapper.key, nonce).setAAD(Buffer.from(name, "hex"));
  const sealed = [cipher.update(key), cipher.final()];
  return { name, wrapper: wrapper.id, box: Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]) };
}

/** @throws when the box was altered, or was another name's */
export function unwrapKey({ name, box }: WrappedKey, { key }: Wrapper): Uint8Array {
  if (box.length !== BOX_BYTES) throw new Error("expected a wrapped key, found another length");
  const tagAt = BOX_BYTES - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, box.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(name, "hex"))
    .setAuthTag(box.subarray(tagAt));
  const opened = decipher.update(box.subarray(NONCE_BYTES, tagAt));
  try {
    decipher.final();
  } catch (cause) {
    throw new Error(
      "A key in the keystore was altered, or put in another one's place: put the keystore back from a backup.",
      { cause },
    );
  }
  return new Uint8Array(opened);
}

export function newWrapper(): Wrapper {
  return { id: randomBytes(WRAPPER_ID_BYTES).toString("hex"), key: randomBytes(KEY_BYTES) };
}
