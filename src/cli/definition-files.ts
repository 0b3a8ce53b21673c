/** Finds and reads a definition and the scenario file beside it, given either of the two. */

import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

import type { Command } from "commander";

export interface DefinitionFiles {
  readonly definition: SourceFile;
  /** Null when there is no such file. */
  readonly scenarios: SourceFile | null;
}

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A file that is named can't be read; the message is for the caller. */
class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

const SCENARIOS = /\.scenarios\.ya?ml$/;
const DEFINITION_ENDINGS = [".yaml", ".yml", ".json"];

/** What each path names, in order; a path that can't be read ends the command with a message. */
export async function readNamed(
  paths: readonly string[],
  command: Command,
): Promise<readonly DefinitionFiles[]> {
  try {
    return await Promise.all(paths.map(readDefinitionFiles));
  } catch (error) {
    if (error instanceof UnreadableFile) return command.error(`error: ${error.message}`);
    throw error;
  }
}

/**
 * `1.0.0.yaml` goes with `1.0.0.scenarios.yaml` in the same folder.
 * @throws {UnreadableFile} when the named file or the definition of a named scenario file can't be read
 */
async function readDefinitionFiles(path: string): Promise<DefinitionFiles> {
  if (SCENARIOS.test(path)) {
    const stem = path.replace(SCENARIOS, "");
    const definition = await firstOf(DEFINITION_ENDINGS.map((ending) => stem + ending));
    if (definition === null) {
      throw new UnreadableFile(
        `${path}: expected the definition beside it (${basename(stem)}.yaml or .json), found none`,
      );
    }
    return { definition, scenarios: await readSource(path) };
  }
  const stem = join(dirname(path), basename(path, extname(path)));
  return {
    definition: await readSource(path),
    scenarios: await firstOf([`${stem}.scenarios.yaml`, `${stem}.scenarios.yml`]),
  };
}

export function formatOf(path: string): "yaml" | "json" {
  return extname(path) === ".json" ? "json" : "yaml";
}

async function firstOf(paths: readonly string[]): Promise<SourceFile | null> {
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(nullWhenAbsent);
    if (text !== null) return { path, text };
  }
  return null;
}

async function readSource(path: string): Promise<SourceFile> {
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (error) {
    throw new UnreadableFile(`${path}: can't be read (${reasonOf(error)})`, { cause: error });
  }
}

function nullWhenAbsent(error: unknown): null {
  if (reasonOf(error) === "ENOENT") return null;
  throw error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
