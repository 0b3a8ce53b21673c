/**
 * A checkpoint says of a log: at this instant it had so many entries, and this is the root of the tree over them. It is the
 * body of a signed note (https://c2sp.org/tlog-checkpoint) with one line more, for the time.
 */

import { parseInstant } from "../../../machines/time/instant.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { isName, type SignerKey, type VerifierKey } from "./note-key.ts";
import { isSignedBy, parseNote, signNote, type SignedNote } from "./signed-note.ts";
import { HASH_BYTES, type Hash } from "./tree.ts";

export interface Checkpoint {
  /** The log's name, and that of its keys. */
  readonly origin: string;
  /** How many entries: positions 1 to `size` of the feed. */
  readonly size: number;
  readonly root: Hash;
  /** RFC 3339, in UTC with milliseconds, by the database's clock. */
  readonly time: string;
}

export type ReadCheckpoint =
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint; readonly note: SignedNote }
  /** `unsigned`: well written, and without a right signature of the key. */
  | { readonly kind: "malformed" | "unsigned" };

const BODY = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\ntime ([^\n]+)\n$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export function checkpointBody({ origin, size, root, time }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\ntime ${time}\n`;
}

export function signCheckpoint(checkpoint: Checkpoint, signer: SignerKey): string {
  return signNote(checkpointBody(checkpoint), [signer]);
}

/** Null: no checkpoint of this format. */
export function parseCheckpoint(body: string): Checkpoint | null {
  const [, origin = "", digits = "", encoded = "", time = ""] = BODY.exec(body) ?? [];
  const root = fromBase64(encoded);
  const size = Number(digits);
  if (root?.length !== HASH_BYTES || !Number.isSafeInteger(size) || !isName(origin)) return null;
  if (!INSTANT.test(time) || parseInstant(time) === null) return null;
  return { origin, size, root, time };
}

/** A checkpoint as a note, believed only with the key's signature under the log's own name. */
export function readCheckpoint(text: string, key: VerifierKey): ReadCheckpoint {
  const note = parseNote(text);
  const checkpoint = note === null ? null : parseCheckpoint(note.body);
  if (note === null || checkpoint === null) return { kind: "malformed" };
  if (checkpoint.origin !== key.name || !isSignedBy(note, key)) return { kind: "unsigned" };
  return { kind: "checkpoint", checkpoint, note };
}
