/**
 * Keeps a secret in the database so that only the servers read it: AES-256-GCM (NIST SP 800-38D) under a key derived
 * from the servers' own by HKDF-SHA-256 (RFC 5869), a fresh one for each text.
 */

import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Random } from "./ports.ts";

export interface SecretBox {
  /** @param owner the row that holds it: copied into another one, it does not open */
  readonly seal: (text: string, owner: string) => string;
  /** @throws when it was sealed for another owner or purpose, under another key, or altered */
  readonly open: (sealed: string, owner: string) => string;
}

const CIPHER = "aes-256-gcm";
const SALT_BYTES = 32;
const TAG_BYTES = 16;
/** Each derived key seals one text, so its nonce need not differ. */
const NONCE = Buffer.alloc(12);

/** @param purpose what is kept, such as `message payload`: boxes of different purposes open nothing of each other's */
export function createSecretBox(secret: Uint8Array, purpose: string, random: Random): SecretBox {
  const keyFrom = (salt: Uint8Array): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", secret, salt, `sevenstep ${purpose}`, 32));
  return {
    seal: (text, owner) => {
      const salt = random(SALT_BYTES);
      const cipher = createCipheriv(CIPHER, keyFrom(salt), NONCE).setAAD(Buffer.from(owner));
      const sealed = [cipher.update(text, "utf8"), cipher.final()];
      return Buffer.concat([salt, cipher.getAuthTag(), ...sealed]).toString("base64");
    },
    open: (sealed, owner) => {
      const bytes = Buffer.from(sealed, "base64");
      const salt = bytes.subarray(0, SALT_BYTES);
      const tag = bytes.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, keyFrom(salt), NONCE)
        .setAAD(Buffer.from(owner))
        .setAuthTag(tag);
      const text = decipher.update(bytes.subarray(SALT_BYTES + TAG_BYTES), undefined, "utf8");
      return text + decipher.final("utf8");
    },
  };
}
