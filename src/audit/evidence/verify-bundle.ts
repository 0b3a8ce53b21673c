/**
 * Holds a bundle against its log's key, as verify.py does: the entries are one chain, the definitions and the opened values
 * are those that the entries name, and the last entry stands in a tree that the log has signed. It asks nobody for anything.
 */

import { createHash } from "node:crypto";
import { isJson, type Json } from "../../../machines/json.ts";
import { sha256, type Entry } from "../entry.ts";
import { fromBase64 } from "../log/base64.ts";
import { readCheckpoint, type Checkpoint } from "../log/checkpoint.ts";
import type { VerifierKey } from "../log/note-key.ts";
import { leafOfLine, type Hash } from "../log/tree.ts";
import { provesInclusion } from "../log/verify-proof.ts";
import { canonicalText } from "../seal.ts";
import type { Bundle, BundledSeal } from "./bundle.ts";
import { createChain } from "./chain.ts";
import { sealedIn, type SealedPlace } from "./sealed-places.ts";
import { refuted, type Refuted } from "./verdict.ts";

export interface Proved {
  readonly kind: "proved";
  readonly entries: readonly Entry[];
  readonly opened: readonly OpenedValue[];
  /** How many values are sealed, opened or not. */
  readonly sealed: number;
  readonly checkpoint: Checkpoint;
  /** The log's key whose signature it is. */
  readonly key: VerifierKey;
}

/** Where it was sealed first. */
export interface OpenedValue extends SealedPlace {
  readonly value: Json;
}

/** @param keys those that the verifier trusts: not out of the bundle, and not from whoever gave it */
export function verifyBundle(bundle: Bundle, keys: readonly VerifierKey[]): Proved | Refuted {
  const chain = createChain(bundle.order);
  for (const line of bundle.lines) {
    const misplaced = chain.take(line);
    if (misplaced !== null) return misplaced;
  }
  const definitions = alteredDefinition(bundle, chain.entries);
  if (definitions !== null) return definitions;
  const sealed = sealedIn(chain.entries);
  const values = openedValues(bundle.seals, sealed);
  if (values.kind === "refuted") return values;
  const stands = standsInLog(bundle, chain.lastHash(), keys);
  if (stands.kind === "refuted") return stands;
  const { checkpoint, key } = stands;
  const { entries } = chain;
  return {
    ...{ kind: "proved", entries, opened: values.opened, sealed: sealed.size, checkpoint, key },
  };
}

/** Null: they are those that the entries name, in their order, to the byte. */
export function alteredDefinition(
  { definitions }: Pick<Bundle, "definitions">,
  entries: readonly Pick<Entry, "digest">[],
): Refuted | null {
  const named = [...new Set(entries.map(({ digest }) => digest))];
  for (let index = 0; index < Math.max(named.length, definitions.length); index += 1) {
    const expected = named[index] ?? "no further definition";
    const found = definitions[index];
    const place = `definition ${index + 1}`;
    if (found?.digest !== expected) return refuted(place, expected, found?.digest ?? "none");
    const digest = sha256(found.text);
    if (digest !== expected) return refuted(place, expected, `a text with ${digest}`);
  }
  return null;
}

type Opened = { readonly kind: "opened"; readonly opened: readonly OpenedValue[] } | Refuted;

function openedValues(
  seals: readonly BundledSeal[],
  sealed: ReadonlyMap<string, SealedPlace>,
): Opened {
  const order = [...sealed.keys()];
  const opened: OpenedValue[] = [];
  let last = -1;
  for (const { commitment, salt, value: text } of seals) {
    const place = `sealed value ${commitment}`;
    const at = sealed.get(commitment);
    if (at === undefined) return refuted(place, "a commitment of an entry", "one of none");
    const index = order.indexOf(commitment);
    if (index <= last) return refuted(place, "values in their commitments' order", "another");
    last = index;
    const found = createHash("sha256").update(salt, "hex").update(text, "utf8").digest("hex");
    if (found !== commitment) return refuted(place, commitment, `a value with ${found}`);
    const value = canonicalValue(text);
    if (value === undefined) return refuted(place, "canonical JSON (RFC 8785)", text);
    opened.push({ ...at, value });
  }
  return { kind: "opened", opened };
}

/** Undefined: not written as RFC 8785 writes it, though its hash is right; no release of ours sealed it. */
function canonicalValue(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) && canonicalText(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

export type Stands =
  | { readonly kind: "stands"; readonly checkpoint: Checkpoint; readonly key: VerifierKey }
  | Refuted;

/** Whether an entry with this hash stands in the log where the proof says, and the checkpoint is signed by one of the keys. */
export function standsInLog(
  bundle: Pick<Bundle, "origin" | "proof" | "note">,
  lastHash: string,
  keys: readonly VerifierKey[],
): Stands {
  const { origin, proof, note } = bundle;
  const signed = signedBy(note, keys);
  if (signed.kind === "refuted") return signed;
  const { checkpoint } = signed;
  if (checkpoint.origin !== origin) {
    return refuted("checkpoint", `one of ${origin}`, `one of ${checkpoint.origin}`);
  }
  if (checkpoint.size !== proof.size) {
    return refuted("proof, size", String(checkpoint.size), String(proof.size));
  }
  const path: Hash[] = [];
  for (const text of proof.path) {
    const hash = fromBase64(text);
    if (hash === null) return refuted("proof, path", "base64 of 32 bytes", text);
    path.push(hash);
  }
  const { size, root } = checkpoint;
  const index = proof.position - 1;
  if (provesInclusion({ index, leaf: leafOfLine(lastHash), size, root, path })) return signed;
  const expected = `the last entry at position ${proof.position} of the tree that was signed`;
  return refuted("proof", expected, "another tree");
}

function signedBy(note: string, keys: readonly VerifierKey[]): Stands {
  for (const key of keys) {
    const read = readCheckpoint(note, key);
    if (read.kind !== "checkpoint") {
      if (read.kind === "unsigned") continue;
      return refuted(
        "checkpoint",
        "a checkpoint, written in the one way it may be",
        "another text",
      );
    }
    // A line more, by whomever, would be bytes that nobody answers for.
    if (read.note.signatures.length > 1) {
      const found = `${read.note.signatures.length} signatures`;
      return refuted("checkpoint", "one signature", found);
    }
    return { kind: "stands", checkpoint: read.checkpoint, key };
  }
  const given = keys.map(({ name, id }) => `${name}+${id}`).join(" or ") || "a key";
  return refuted("checkpoint", `the signature of ${given}`, "none, or another");
}
