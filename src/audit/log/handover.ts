/**
 * A log's key is followed by another: a note of the log's name, the new key and since when, signed by both. Whoever trusts a
 * key comes to trust those that follow it, and nobody takes such a note for a checkpoint: its second line is no number.
 */

import { formatInstant } from "../../../machines/time/instant.ts";
import { parseVerifierKey, type SignerKey, type VerifierKey } from "./note-key.ts";
import { isSignedBy, parseNote, signNote } from "./signed-note.ts";

/** @param size of the log at the handover @param now epoch milliseconds */
export function handOver(from: SignerKey, to: SignerKey, size: number, now: number): string {
  const { name } = from.verifier;
  const body = `${name}\nkey ${to.verifier.text}\nsize ${size}\ntime ${formatInstant(now)}\n`;
  return signNote(body, [from, to]);
}

const BODY = /^([^\n]+)\nkey ([^\n]+)\nsize (?:0|[1-9]\d{0,15})\ntime [^\n]+\n$/;

/** The key that a note hands over to, with this one's signature and its own; null: it is no such note. */
function handedOver(text: string, from: VerifierKey): VerifierKey | null {
  const note = parseNote(text);
  const [, name = "", vkey = ""] = BODY.exec(note?.body ?? "") ?? [];
  const to = parseVerifierKey(vkey);
  if (note === null || to === null || name !== from.name || to.name !== name) return null;
  return isSignedBy(note, from) && isSignedBy(note, to) ? to : null;
}

/** The key, and all that follow it by these notes, in whatever order they are told. */
export function keysFollowing(trusted: VerifierKey, handovers: readonly string[]) {
  const keys = new Map([[trusted.id, trusted]]);
  for (const from of keys.values()) {
    for (const text of handovers) {
      const to = handedOver(text, from);
      if (to !== null && !keys.has(to.id)) keys.set(to.id, to);
    }
  }
  return [...keys.values()];
}
