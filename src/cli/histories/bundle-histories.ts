/**
 * Histories from evidence bundles: one file, or every bundle in a folder. They are read strictly and each seal is held
 * against its commitment; that the log holds them, `verify` tells.
 */

import { createHash } from "node:crypto";
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../../machines/json.ts";
import type { Bundle } from "../../audit/evidence/bundle.ts";
import { readBundle } from "../../audit/evidence/read-bundle.ts";
import { parseLine } from "../../audit/parse-line.ts";
import type { Recorded } from "../../audit/recorded.ts";
import { parseJson } from "../../store/json-text.ts";
import { NoHistories, type Histories, type Unread } from "./histories.ts";

/** Every other file of a folder is passed over. */
const BEGINNING = '{"kind":"bundle",';

/** @throws {NoHistories} when the file is no bundle, or not as it was made */
export async function recordedIn(path: string): Promise<Recorded> {
  const read = readBundle(await readFile(path));
  if (read.kind === "refuted") {
    const { place, expected, found } = read;
    throw new NoHistories(`${path}: expected ${expected} at ${place}, found ${found}`);
  }
  const { order: id, lines, definitions, seals } = read.bundle;
  return {
    ...{ id, lines, values: valuesOf(path, seals) },
    definitions: new Map(definitions.map(({ digest, text }) => [digest, text])),
  };
}

/** In the order of their names; one at a time is in memory. */
export function bundleHistories(folder: string): Histories {
  return {
    read: async (id) => {
      for (const path of await bundlesIn(folder)) {
        const recorded = await recordedIn(path);
        if (recorded.id === id) return recorded;
      }
      return null;
    },
    all: async function* all(process) {
      for (const path of await bundlesIn(folder)) {
        const recorded = await recordedOrUnread(path);
        if ("kind" in recorded || isOf(process, recorded)) yield recorded;
      }
    },
    close: () => Promise.resolve(),
  };
}

async function recordedOrUnread(path: string): Promise<Recorded | Unread> {
  try {
    return await recordedIn(path);
  } catch (error) {
    if (!(error instanceof NoHistories)) throw error;
    return { kind: "unread", reason: error.message };
  }
}

/** What is no entry is of no process: the replay says so. */
function isOf(process: string, { lines }: Recorded): boolean {
  const first = parseLine(lines[0] ?? "");
  return first.kind !== "entry" || first.entry.payload["process"] === process;
}

async function bundlesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map(({ name }) => join(folder, name));
  const bundles: string[] = [];
  for (const path of files.toSorted()) if (await isBundle(path)) bundles.push(path);
  return bundles;
}

async function isBundle(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING.length), 0);
    return buffer.toString("utf8", 0, bytesRead) === BEGINNING;
  } finally {
    await file.close();
  }
}

function valuesOf(path: string, seals: Bundle["seals"]): ReadonlyMap<string, Json> {
  return new Map(
    seals.map(({ commitment, salt, value: text }) => {
      const opened = createHash("sha256").update(salt, "hex").update(text, "utf8").digest("hex");
      const value = opened === commitment ? jsonIn(text) : undefined;
      if (value !== undefined) return [commitment, value];
      throw new NoHistories(`${path}: expected the value of seal ${commitment}, found another`);
    }),
  );
}

/** Undefined: it is none. */
function jsonIn(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
