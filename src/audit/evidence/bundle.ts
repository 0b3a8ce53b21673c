/**
 * The format of an evidence bundle: NDJSON, each line an object that names its kind, in one order and one writing. It holds
 * nothing but strings and whole numbers; what is hashed stands in it as the very text that was hashed, so that whoever
 * verifies it has no JSON to write.
 */

import type { Json } from "../../../machines/json.ts";

export interface Bundle {
  /** Id of the order. */
  readonly order: string;
  /** Name of the log that holds its entries. */
  readonly origin: string;
  readonly readme: Readme;
  /** Of every version that the order lived under, in the order in which its entries name them. */
  readonly definitions: readonly BundledDefinition[];
  /** The history's lines from the first on, verbatim. What is proved ends with the last of them. */
  readonly lines: readonly string[];
  /** Of those that are disclosed, in the order of their commitments in the entries. */
  readonly seals: readonly BundledSeal[];
  readonly proof: BundledProof;
  /** The checkpoint, a signed note with the one signature of its log. */
  readonly note: string;
}

/** Proved by nothing: a file can't vouch for the program that verifies it. */
export interface Readme {
  readonly text: string;
  /** A program in Python that verifies bundles. */
  readonly verifier: string;
}

export interface BundledDefinition {
  readonly digest: string;
  /** Canonical: its SHA-256 is the digest. */
  readonly text: string;
}

export interface BundledSeal {
  readonly commitment: string;
  /** 64 hex digits. */
  readonly salt: string;
  /** The value's RFC 8785 text: the SHA-256 of the salt's bytes and it is the commitment. */
  readonly value: string;
}

/** That the last entry stands in the checkpoint's tree; by its `prev`, all entries before it do. */
export interface BundledProof {
  /** Of the last entry in the feed, counted from 1; its leaf's index is one less. */
  readonly position: number;
  /** The tree's. */
  readonly size: number;
  /** Base64 of 32 bytes each, the leaf's neighbour first (RFC 6962 2.1.1). */
  readonly path: readonly string[];
}

/** The one writing of a bundle. */
export function bundleText(bundle: Bundle): string {
  return linesOf(bundle)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
}

/** What its lines say, members in their order. */
export function linesOf(bundle: Bundle): readonly { readonly [member: string]: Json }[] {
  const { order, origin, readme, definitions, lines, seals, proof, note } = bundle;
  const { position, size, path } = proof;
  return [
    { kind: "bundle", v: 1, order, origin },
    { kind: "readme", text: readme.text, verifier: readme.verifier },
    ...definitions.map(({ digest, text }) => ({ kind: "definition", digest, text })),
    ...lines.map((line) => ({ kind: "entry", line })),
    ...seals.map(({ commitment, salt, value }) => ({ kind: "seal", commitment, salt, value })),
    { kind: "proof", position, size, path },
    { kind: "checkpoint", note },
  ];
}
