/**
 * Keys of signed notes, written as C2SP and Go's `sumdb/note` write them: `name+id+key` to verify with, kept by whoever
 * trusts the log, and `PRIVATE+KEY+name+id+key` to sign with. Ed25519 only. https://c2sp.org/signed-note
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { fromBase64, toBase64 } from "./base64.ts";

export interface VerifierKey {
  readonly name: string;
  /** 8 lowercase hex digits: of SHA-256(name, line feed, 0x01, key), the first four bytes. */
  readonly id: string;
  readonly publicKey: KeyObject;
  /** The line `name+id+key`. */
  readonly text: string;
}

export interface SignerKey {
  readonly verifier: VerifierKey;
  readonly privateKey: KeyObject;
  /** The line `PRIVATE+KEY+name+id+key`, which is a secret. */
  readonly secret: string;
}

const ED25519 = 0x01;
const KEY_BYTES = 32;
const PRIVATE = "PRIVATE+KEY+";
/** What DER writes before the 32 bytes of a key (RFC 8410 4, 7). */
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Null: not such a line, or its id is not that of its name and key. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [name, id, encoded, more] = split(text);
  if (name === undefined || encoded === undefined || more !== undefined) return null;
  const key = keyIn(encoded);
  if (key === null || !isName(name)) return null;
  const verifier = verifierOf(name, key);
  return verifier.id === id ? verifier : null;
}

/** Null: not such a line. */
export function parseSignerKey(text: string): SignerKey | null {
  if (!text.startsWith(PRIVATE)) return null;
  const [name, id, encoded, more] = split(text.slice(PRIVATE.length));
  if (name === undefined || encoded === undefined || more !== undefined) return null;
  const seed = keyIn(encoded);
  if (seed === null || !isName(name)) return null;
  const signer = signerOf(name, seed);
  return signer.verifier.id === id ? signer : null;
}

/** @param seed 32 random bytes */
export function signerOf(name: string, seed: Uint8Array): SignerKey {
  if (!isName(name)) throw new TypeError(`expected a name without blanks and +, found ${name}`);
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_PREFIX, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const verifier = verifierOf(name, spki.subarray(PUBLIC_PREFIX.length));
  const secret = `${PRIVATE}${name}+${verifier.id}+${encodedKey(seed)}`;
  return { verifier, privateKey, secret };
}

/** Anything that stands in a signature's line, and can't be taken for another part of it. */
export function isName(name: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(name) && name.isWellFormed();
}

function verifierOf(name: string, key: Uint8Array): VerifierKey {
  const bytes = Uint8Array.of(ED25519, ...key);
  const id = createHash("sha256").update(`${name}\n`).update(bytes).digest("hex").slice(0, 8);
  const publicKey = createPublicKey({
    key: Buffer.concat([PUBLIC_PREFIX, key]),
    format: "der",
    type: "spki",
  });
  return { name, id, publicKey, text: `${name}+${id}+${encodedKey(key)}` };
}

/** The last part may hold a plus of its own. */
function split(text: string): readonly (string | undefined)[] {
  const [name, id, ...rest] = text.split("+");
  return [name, id, rest.length === 0 ? undefined : rest.join("+")];
}

function keyIn(encoded: string): Uint8Array | null {
  const bytes = fromBase64(encoded);
  if (bytes?.length !== 1 + KEY_BYTES || bytes[0] !== ED25519) return null;
  return bytes.subarray(1);
}

function encodedKey(key: Uint8Array): string {
  return toBase64(Uint8Array.of(ED25519, ...key));
}
