/** Reads an evidence bundle strictly: what is not written as `bundleText` writes it is refused with its place, whatever it means. */

import { z } from "zod";
import { isJsonObject } from "../../../machines/json.ts";
import { linesOf, type Bundle } from "./bundle.ts";
import { refuted, type Refuted } from "./verdict.ts";

export type ReadBundle = { readonly kind: "bundle"; readonly bundle: Bundle } | Refuted;

/** Bytes, since text that was decoded leniently is no longer what was written. */
export function readBundle(bytes: Uint8Array): ReadBundle {
  const text = decoded(bytes);
  if (text === null) return refuted("file", "UTF-8", "other bytes");
  const written = text.split("\n");
  if (written.pop() !== "") return refuted("file", "a line feed at the end", "none: it is cut");
  const parts: Parts = { definitions: [], lines: [], seals: [] };
  for (const [index, line] of written.entries()) {
    const part = partIn(line);
    if (part === null) return refuted(`line ${index + 1}`, "a line of a bundle", excerpt(line));
    take(parts, part);
  }
  const bundle = whole(parts);
  if (bundle === null) return refuted("file", "a line of every kind", "some are missing");
  // Another order of lines, a line too many, a blank, a doubled key and another escape all read the same, and are not.
  const right = linesOf(bundle);
  for (const [index, line] of written.entries()) {
    const expected = right[index];
    if (expected !== undefined && JSON.stringify(expected) === line) continue;
    return refuted(
      `line ${index + 1}`,
      expected === undefined
        ? "no more lines"
        : `a line of kind ${JSON.stringify(expected["kind"])}, written in the one way it may be`,
      excerpt(line),
    );
  }
  return { kind: "bundle", bundle };
}

type Part = z.infer<typeof partSchema>;
type PartOf<Kind extends Part["kind"]> = Extract<Part, { kind: Kind }>;

interface Parts {
  bundle?: PartOf<"bundle">;
  readme?: PartOf<"readme">;
  readonly definitions: PartOf<"definition">[];
  readonly lines: string[];
  readonly seals: PartOf<"seal">[];
  proof?: PartOf<"proof">;
  checkpoint?: PartOf<"checkpoint">;
}

const TEXT = z.string();
const COUNT = z.int().min(1);
const HASH = z.string().regex(/^[0-9a-f]{64}$/);

const partSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("bundle"), v: z.literal(1), order: TEXT, origin: TEXT }),
  z.strictObject({ kind: z.literal("readme"), text: TEXT, verifier: TEXT }),
  z.strictObject({ kind: z.literal("definition"), digest: HASH, text: TEXT }),
  z.strictObject({ kind: z.literal("entry"), line: TEXT }),
  z.strictObject({ kind: z.literal("seal"), commitment: HASH, salt: HASH, value: TEXT }),
  z.strictObject({
    kind: z.literal("proof"),
    position: COUNT,
    size: COUNT,
    path: z.array(TEXT).max(53),
  }),
  z.strictObject({ kind: z.literal("checkpoint"), note: TEXT }),
]);

function partIn(line: string): Part | null {
  const value = parsed(line);
  const read = partSchema.safeParse(value);
  return read.success && isJsonObject(value) ? read.data : null;
}

/** Of what may stand once, the last counts; the one before it is then a line too many. */
function take(parts: Parts, part: Part): void {
  switch (part.kind) {
    case "bundle":
      parts.bundle = part;
      return;
    case "readme":
      parts.readme = part;
      return;
    case "definition":
      parts.definitions.push(part);
      return;
    case "entry":
      parts.lines.push(part.line);
      return;
    case "seal":
      parts.seals.push(part);
      return;
    case "proof":
      parts.proof = part;
      return;
    case "checkpoint":
      parts.checkpoint = part;
  }
}

function whole({ bundle, readme, definitions, lines, seals, proof, checkpoint }: Parts) {
  if (bundle === undefined || readme === undefined) return null;
  if (proof === undefined || checkpoint === undefined) return null;
  if (definitions.length === 0 || lines.length === 0) return null;
  const { order, origin } = bundle;
  const { note } = checkpoint;
  return { order, origin, readme, definitions, lines, seals, proof, note } satisfies Bundle;
}

/** Node keeps a byte order mark when it is told so; it is no part of a bundle, and JSON refuses it. */
function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const EXCERPT_CHARACTERS = 120;

function excerpt(line: string): string {
  return line.length <= EXCERPT_CHARACTERS ? line : `${line.slice(0, EXCERPT_CHARACTERS)}...`;
}
