/** Writes files of bundles whose histories are made in memory; no log stands behind their proofs. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { canonicalText } from "../../../machines/document/canonical.ts";
import { parseDefinition } from "../../../machines/document/parse.ts";
import { bundleText, type BundledSeal } from "../../../src/audit/evidence/bundle.ts";
import { PARCEL } from "../../runtime/parcel.ts";
import { PARCEL_EXECUTABLE } from "../../audit/history.ts";

const { value } = parseDefinition(PARCEL, "yaml");
const PARCEL_TEXT = canonicalText(value ?? {});

export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "sevenstep-bundles-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function bundleFile(
  lines: readonly string[],
  {
    into,
    name = "parcel.ndjson",
    seals = [],
    definitions = new Map([[PARCEL_EXECUTABLE.digest, PARCEL_TEXT]]),
  }: {
    into?: string;
    name?: string;
    seals?: readonly BundledSeal[];
    definitions?: ReadonlyMap<string, string>;
  } = {},
): Promise<string> {
  const path = join(into ?? (await folder()), name);
  const text = bundleText({
    ...{ order: JSON.parse(lines[0] ?? "{}").order, origin: "test", lines, seals },
    readme: { text: "", verifier: "" },
    definitions: [...definitions].map(([digest, text]) => ({ digest, text })),
    proof: { position: lines.length, size: lines.length, path: [] },
    note: "",
  });
  await writeFile(path, text);
  return path;
}
