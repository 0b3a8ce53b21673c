/**
 * Signed notes: a text, an empty line, and a line for each signature of it. A note that is read is written in one way only:
 * no other bytes are the same note. https://c2sp.org/signed-note
 */

import { sign, verify } from "node:crypto";
import { fromBase64, toBase64 } from "./base64.ts";
import { isName, type SignerKey, type VerifierKey } from "./note-key.ts";

export interface NoteSignature {
  readonly name: string;
  /** 8 lowercase hex digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface SignedNote {
  /** Ends with a line feed; what the signatures are of. */
  readonly body: string;
  /** At least one. Whose they claim to be: only `isSignedBy` says whether they are. */
  readonly signatures: readonly NoteSignature[];
}

const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** As in Go: more is no note. */
const MAX_CHARACTERS = 1_000_000;
const MAX_SIGNATURES = 100;
const LINE = /^\u2014 (\S+) (\S+)$/;

/** @param body not empty, and ends with a line feed */
export function signNote(body: string, signers: readonly SignerKey[]): string {
  if (!isBody(body)) throw new TypeError("expected a text that ends with a line feed");
  const lines = signers.map(({ verifier: { name, id }, privateKey }) => {
    const signature = sign(null, Buffer.from(body), privateKey);
    return `\u2014 ${name} ${toBase64(Buffer.concat([Buffer.from(id, "hex"), signature]))}\n`;
  });
  return `${body}\n${lines.join("")}`;
}

/** Null: no note, or not written as one. */
export function parseNote(text: string): SignedNote | null {
  if (text.length > MAX_CHARACTERS) return null;
  const end = text.lastIndexOf("\n\n");
  const body = text.slice(0, end + 1);
  const lines = text.slice(end + 2).split("\n");
  if (end < 0 || !isBody(body) || lines.pop() !== "") return null;
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = signatureIn(line);
    if (signature === null) return null;
    signatures.push(signature);
  }
  return { body, signatures };
}

/** Whether a signature under the key's name and id is there, and every such one is right. */
export function isSignedBy({ body, signatures }: SignedNote, key: VerifierKey): boolean {
  const own = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
  const bytes = Buffer.from(body);
  return (
    own.length > 0 && own.every(({ signature }) => verify(null, bytes, key.publicKey, signature))
  );
}

function signatureIn(line: string): NoteSignature | null {
  const [, name = "", encoded = ""] = LINE.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isName(name) || bytes?.length !== ID_BYTES + SIGNATURE_BYTES) return null;
  const keyId = bytes.subarray(0, ID_BYTES).toString("hex");
  return { name, keyId, signature: bytes.subarray(ID_BYTES) };
}

/** Of control characters, only the line feed. */
function isBody(text: string): boolean {
  return text.endsWith("\n") && text.isWellFormed() && !/[\0-\x09\x0b-\x1f\x7f]/.test(text);
}
